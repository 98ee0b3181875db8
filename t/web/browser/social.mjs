// social.mjs: likes, comments and follows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, at, here, newcomer, nothingSaid, onlyText, SCRIPT, unique, until, visitor } from './lib.mjs';

const [ann, bob] = [await newcomer('ann'), await newcomer('bob')];
const phone = await visitor({ as: ann, size: 'phone' });
const desktop = await visitor({ as: bob });
const { video_list: [video] } = await api('/feed/');
for (const page of [phone, desktop]) await page.goto(`/u/${video.author.id}/v/${video.id}`);

const count = async (page, testid) => Number(await here(page, testid).textContent());
const liked = (page) => here(page, 'like').getAttribute('aria-pressed');
const likes = async (one) => (await api('/favorite/list/', { user_id: one.id })).video_list.map((it) => it.id);
// Waits for the value on the server.
const holds = (one, wanted) => until(() => likes(one), (list) => list.includes(video.id) === wanted, `like: ${wanted}`);

test('the button likes and unlikes', async () => {
  await until(() => liked(desktop), (now) => now === 'false', 'the video is there');
  const before = await count(desktop, 'like-count');
  await here(desktop, 'like').click();
  await until(() => count(desktop, 'like-count'), (n) => n === before + 1, 'one more');
  await holds(bob, true);
  await here(desktop, 'like').click();
  await until(() => count(desktop, 'like-count'), (n) => n === before, 'one less');
  await holds(bob, false);
});

test('a double tap likes with a heart at its place, and a second one keeps the like', async () => {
  const twice = async () => {
    await phone.touchscreen.tap(150, 300);
    await phone.touchscreen.tap(150, 300);
  };
  await until(() => liked(phone), (now) => now === 'false', 'the video is there');
  await twice();
  await at(phone, 'burst').first().waitFor({ state: 'attached' });
  await holds(ann, true);
  assert.equal(await liked(phone), 'true');
  await at(phone, 'burst').waitFor({ state: 'detached' });
  await twice();
  await at(phone, 'burst').first().waitFor({ state: 'attached' });
  assert.equal(await liked(phone), 'true');
  assert.equal(await phone.evaluate(() => document.querySelector('video[data-current]').paused), false);
  await holds(ann, true);
});

test('a rejected like is undone and reported', async () => {
  const page = await visitor({ as: bob, may: [/status 503/, /console error: Failed to load resource: .* 503/] });
  await page.route('**/douyin/favorite/action/', (route) => route.fulfill({ status: 503, json: { status_code: 5003, status_msg: 'not now' } }));
  await page.goto(`/u/${video.author.id}/v/${video.id}`);
  await here(page, 'like').click();
  await at(page, 'notice').filter({ hasText: 'Not now' }).waitFor();
  assert.equal(await liked(page), 'false');
  await page.context().close();
});

test('a comment is posted, shown to others as text newest first, and deleted', async () => {
  const text = `${SCRIPT} ${unique('hello')}`;
  await here(phone, 'comments').tap();
  await at(phone, 'comments-drawer').waitFor();
  await at(phone, 'comment-input').fill('the older one');
  await at(phone, 'comment-send').tap();
  await at(phone, 'comment-input').fill(text);
  await at(phone, 'comment-send').tap();
  const mine = at(phone, 'comment').filter({ hasText: text });
  await until(() => mine.getAttribute('data-comment-id'), (id) => /^\d+$/.test(id), 'the server has it');

  await here(desktop, 'comments').click();
  assert.equal(await at(desktop, 'comment-text').first().textContent(), text);
  await onlyText(phone, desktop);
  const theirs = at(desktop, 'comment').filter({ hasText: text });
  assert.equal(await theirs.getByTestId('comment-delete').count(), 0);
  await desktop.keyboard.press('Escape');
  await at(desktop, 'comments-drawer').waitFor({ state: 'detached' });

  await mine.getByTestId('comment-delete').tap();
  await mine.getByTestId('comment-delete').tap();
  await mine.waitFor({ state: 'detached' });
  await until(() => api('/comment/list/', { video_id: video.id }),
    ({ comment_list: list }) => !list.some((one) => one.content === text), 'the server has it no more');
  await at(phone, 'close').tap();
  await at(phone, 'comments-drawer').waitFor({ state: 'detached' });
});

test('two users who follow each other are friends', async () => {
  for (const [page, other] of [[phone, bob], [desktop, ann]]) {
    await page.goto(`/u/${other.id}`);
    await at(page, 'follow').click();
    await until(() => at(page, 'follow').getAttribute('aria-pressed'), (now) => now === 'true', 'followed');
    await until(() => at(page, 'count-followers').textContent(), (n) => n === '1', 'counted');
  }
  await until(() => api('/relation/friend/list/', { user_id: ann.id }, { token: ann.token }),
    ({ user_list: friends }) => friends.some((one) => one.id === bob.id), 'the server knows');
  await phone.goto(`/u/${ann.id}/friends`);
  await at(phone, 'person').filter({ hasText: bob.name }).waitFor();
});

test('the author can be followed from the video', async () => {
  await desktop.goto(`/u/${video.author.id}/v/${video.id}`);
  await here(desktop, 'feed-follow').click();
  await here(desktop, 'feed-follow').waitFor({ state: 'detached' });
  await until(() => api('/relation/follow/list/', { user_id: bob.id }), ({ user_list: list }) => list.some((one) => one.id === video.author.id), 'the server knows');
});

test('liked videos are in the profile', async () => {
  await phone.goto(`/u/${ann.id}/likes`);
  await phone.locator(`[data-testid=work][data-video-id="${video.id}"]`).waitFor();
});

nothingSaid();
