// steady.mjs: the feed and the pages while something changes around them: no way to the server, videos
// that come and go, lists without an end.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { api, at, base, clips, newcomer, nothingSaid, unique, until, visitor } from './lib.mjs';

const shownVideo = (page) => page.locator('[data-testid=slide][aria-current]').getAttribute('data-video-id');
const playsIt = (page, what) => until(() => page.evaluate(() => document.querySelector('video[data-current]')?.currentTime ?? 0), (time) => time > 0, what);

async function publish(who, title, file = 'tall.mp4') {
  const body = new FormData();
  body.set('title', title);
  body.set('data', new Blob([readFileSync(`${clips}/${file}`)]), file);
  await fetch(`${base}/douyin/publish/action/`, { method: 'POST', body, headers: { Authorization: `Bearer ${who.token}` } });
  const mine = () => api('/publish/list/', { user_id: who.id }, { token: who.token });
  const { video_list: list } = await until(mine, ({ video_list: all }) => all.some((one) => one.title === title && one.status === 'ready'), title);
  return list.find((one) => one.title === title).id;
}

const ann = await newcomer('ann');
const works = [];
for (let n = 0; n < 6; n++) works.unshift(await publish(ann, unique(`work ${n}`)));

test('a link to any of six works shows it, and so does a tap in the profile', async () => {
  const page = await visitor({ size: 'phone' });
  for (const id of works) {
    await page.goto(`/u/${ann.id}/v/${id}`);
    await until(() => shownVideo(page), (now) => now === String(id), `work ${id}`);
    await playsIt(page, `work ${id} plays`);
    assert.equal(await at(page, 'empty').count(), 0);
  }
  for (const id of [works[0], works[5]]) {
    await page.goto(`/u/${ann.id}`);
    await page.locator(`[data-testid=work][data-video-id="${id}"] a`).tap();
    await until(() => shownVideo(page), (now) => now === String(id), `work ${id}`);
    assert.equal(await at(page, 'empty').count(), 0);
  }
  await page.context().close();
});

nothingSaid();
