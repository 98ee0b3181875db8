// steady.mjs: the feed and the pages while something changes around them: no way to the server, videos
// that come and go, lists without an end.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { api, at, base, clips, here, newcomer, nothingSaid, unique, until, visitor } from './lib.mjs';

const index = (page) => at(page, 'feed').evaluate((feed) => Number(feed.dataset.index));
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

// What a browser says when nobody answers.
const refused = [/net::ERR_CONNECTION_REFUSED/];
const unreachable = (page) => page.route((url) => url.origin === base, (route) => route.abort('connectionrefused'));

// Counts notices as they come.
const countNotices = (page) => page.evaluate(() => {
  window.told = [];
  new MutationObserver((all) => all.forEach((one) => one.addedNodes.forEach((node) => node.dataset?.testid === 'notice' && window.told.push(node.textContent.trim()))))
    .observe(document.querySelector('[data-testid=notices]'), { childList: true, subtree: true });
});

test('no way to the server, which the browser does not know: nothing is skipped, it is said once, and it goes on', async () => {
  const page = await visitor({ may: refused });
  // Else the browser would have them all: they are copies.
  await page.route('**/douyin/feed/**', async (route) => {
    const reply = await (await route.fetch()).json();
    for (const [n, video] of reply.video_list.entries())
      for (const key of ['play_url', 'play_url_small']) if (video[key]) video[key] += `?${n}`;
    await route.fulfill({ json: reply });
  });
  await page.goto('/');
  await playsIt(page, 'the first');
  await until(() => page.evaluate(() => document.querySelectorAll('video[src]').length), (n) => n === 3, 'what is loaded ahead');
  await countNotices(page);
  await unreachable(page);
  assert.equal(await page.evaluate(() => navigator.onLine), true);
  for (let n = 1; n <= 4; n++) {
    await page.keyboard.press('ArrowDown');
    await until(() => index(page), (now) => now === n, `video ${n}`);
  }
  await at(page, 'notice').filter({ hasText: 'No connection' }).waitFor();
  await page.waitForTimeout(3000);
  assert.equal(await index(page), 4);
  assert.deepEqual(await page.evaluate(() => window.told), ['No connection to the server.']);
  await page.unroute((url) => url.origin === base).catch(() => {});
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await at(page, 'notice').waitFor({ state: 'detached' });
  await playsIt(page, 'the fifth');
  assert.equal(await index(page), 4);
  await page.context().close();
});

test('what is behind another page is not skipped, whatever is wrong with it', async () => {
  const page = await visitor({ may: [/net::ERR_FAILED/, ...refused] });
  await page.route(/\.mp4/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    await route.abort();
  });
  await page.goto('/');
  await here(page, 'like').waitFor();
  await at(page, 'nav-settings').click();
  await at(page, 'page-settings').waitFor();
  await page.waitForTimeout(3000);
  assert.equal(await index(page), 0);
  assert.equal(await at(page, 'notice').count(), 0);
  await page.context().close();
});

test('a page that could not be loaded comes by itself when the server is back', async () => {
  const page = await visitor({ as: ann, may: refused });
  await page.goto('/');
  await here(page, 'like').waitFor();
  await unreachable(page);
  for (const go of ['nav-me', 'nav-settings', 'nav-publish', 'nav-messages']) {
    await at(page, go).click();
    await at(page, 'failure').first().waitFor();
  }
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await at(page, 'empty').first().waitFor();
  await at(page, 'nav-publish').click();
  await at(page, 'limits').waitFor();
  await unreachable(page);
  await at(page, 'nav-me').click();
  await at(page, 'failure').first().waitFor();
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await at(page, 'work').first().waitFor();
  assert.equal(await at(page, 'failure').count(), 0);
  await page.context().close();
});

nothingSaid();
