// feed.mjs: every gesture moves by one video, and videos play.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, here, nothingSaid, PATIENCE, until, visitor } from './lib.mjs';
import * as gesture from './gestures.mjs';

const COUNT = 10;
const phone = await visitor({ size: 'phone' });
const desktop = await visitor();
for (const page of [phone, desktop]) {
  await page.goto('/');
  await page.locator('video[data-current]').waitFor();
  await page.evaluate(() => { window.pool = [...document.querySelectorAll('video')]; });
}

const index = (page) => at(page, 'feed').evaluate((feed) => Number(feed.dataset.index));

// The position of the feed, once it has been still for a while.
const settled = (page) => at(page, 'feed').evaluate((feed, patience) => new Promise((resolve, reject) => {
  const end = performance.now() + patience;
  let still = 0, last = -1;
  const look = () => {
    const rests = feed.scrollTop === last && Math.abs(last - feed.dataset.index * feed.clientHeight) < 2;
    still = rests ? still + 1 : 0;
    last = feed.scrollTop;
    if (still > 5) resolve(Number(feed.dataset.index));
    else if (performance.now() > end) reject(new Error(`no rest: at ${last / feed.clientHeight}, said to be at ${feed.dataset.index}`));
    else requestAnimationFrame(look);
  };
  look();
}), PATIENCE);

// The state of the current <video>.
const current = (page) => page.evaluate(() => {
  const video = document.querySelector('video[data-current]');
  const slide = document.querySelector('[data-testid=slide][aria-current]');
  return video && { time: video.currentTime, frames: video.getVideoPlaybackQuality().totalVideoFrames, paused: video.paused,
    right: video.dataset.videoId === slide?.dataset.videoId && video.dataset.index === slide?.dataset.index,
    top: Math.round(video.getBoundingClientRect().top - document.querySelector('.feed-scroller').getBoundingClientRect().top) };
});

async function plays(page) {
  const before = await until(() => current(page), (now) => now?.right && !now.paused && now.frames > 0, 'the current video starts');
  await until(() => current(page), (now) => now.time > before.time && now.frames > before.frames, 'it goes on');
  assert.equal(before.top, 0, 'it is where the viewer looks');
}

// Ten gestures, each from a feed at rest; then the current video plays.
async function each(page, make) {
  for (let n = 0; n < COUNT; n++) {
    const before = await settled(page);
    await make(page, n);
    await until(() => index(page), (now) => now !== before, `gesture ${n + 1} moves the feed`);
    assert.equal(await settled(page), before + 1, `gesture ${n + 1} moves it by one`);
  }
  await plays(page);
}

test('the first video plays and decodes frames', async () => {
  await Promise.all([plays(phone), plays(desktop)]);
});

test('exactly the next two videos are preloaded', async () => {
  const loaded = () => desktop.evaluate(() => [...document.querySelectorAll('video[data-key]')]
    .filter((video) => video.readyState >= 3).map((video) => Number(video.dataset.index)).sort());
  await until(loaded, (now) => now.join() === '0,1,2', 'three are ready');
  assert.equal(await desktop.evaluate(() => document.querySelectorAll('video[src]').length), 3);
});

// Both pages in parallel, on each one kind after the other.
const kinds = [[phone, ['drag', 'fling', 'nudge']], [desktop, ['notch', 'flick', 'press', 'hold']]];
const running = {};

function moves(kind) {
  for (const [page, names] of Object.keys(running).length ? [] : kinds) {
    let before = Promise.resolve();
    for (const name of names) {
      running[name] = before.then(() => each(page, gesture[name]));
      before = running[name].catch(() => {});
    }
  }
  return running[kind];
}

test('a drag moves one video', () => moves('drag'));
test('the fastest fling moves one video', () => moves('fling'));
test('a short slow drag moves one video', () => moves('nudge'));
test('a wheel notch moves one video', () => moves('notch'));
test('a touchpad flick with inertia moves one video', () => moves('flick'));
test('an arrow key press moves one video', () => moves('press'));
test('a held arrow key moves one video', () => moves('hold'));

test('each gesture also moves back', async () => {
  const back = [[phone, gesture.drag], [phone, gesture.fling], [desktop, gesture.notch], [desktop, gesture.flick], [desktop, gesture.press]];
  for (const [page, make] of back) {
    const before = await settled(page);
    await make(page, 0, -1);
    await until(() => index(page), (now) => now !== before, `${make.name} moves the feed`);
    assert.equal(await settled(page), before - 1, `${make.name} moves it by one`);
  }
});

test('a drag that returns moves nothing', async () => {
  const before = await settled(phone);
  await gesture.regret(phone);
  assert.equal(await settled(phone), before);
});

test('the number of <video> elements stays constant', async () => {
  for (const page of [phone, desktop]) {
    const same = await page.evaluate(() => {
      const now = [...document.querySelectorAll('video')];
      return now.length <= 5 && now.length === window.pool.length && now.every((video, i) => video === window.pool[i] && video.isConnected);
    });
    assert.ok(same);
  }
});

test('after the last video the feed starts over', async () => {
  const page = await visitor();
  await page.goto('/');
  const total = await until(() => at(page, 'feed').evaluate((feed) => Number(feed.dataset.count)), (n) => n > 0, 'videos');
  const first = await page.locator('video[data-current]').getAttribute('data-video-id');
  for (let n = 0; n < total; n++) {
    await page.keyboard.press('ArrowDown');
    await until(() => index(page), (now) => now === n + 1, `video ${n + 1}`);
  }
  assert.equal(await settled(page), total);
  await plays(page);
  assert.equal(await page.locator('video[data-current]').getAttribute('data-video-id'), first);
  await at(page, 'notice').filter({ hasText: 'Starting over' }).waitFor();
  await page.context().close();
});

test('a tap and the space bar pause and resume', async () => {
  const tap = () => phone.touchscreen.tap(180, 300);
  for (const [page, act] of [[phone, tap], [desktop, () => desktop.keyboard.press(' ')]]) {
    await plays(page);
    await act();
    await until(() => current(page), (now) => now.paused, 'it pauses');
    await act();
    await plays(page);
  }
});

test('the progress bar seeks', async () => {
  await here(desktop, 'progress').fill('900');
  await until(() => desktop.evaluate(() => {
    const video = document.querySelector('video[data-current]');
    return video.currentTime / video.duration;
  }), (part) => part > 0.85, 'the video is near its end');
});

test('sound is asked for once and then remembered', async () => {
  const page = await visitor({ settings: { sound: undefined } });
  await page.goto('/');
  await at(page, 'tap-for-sound').waitFor();
  const muted = () => page.evaluate(() => [...document.querySelectorAll('video')].map((video) => video.muted));
  assert.deepEqual(new Set(await muted()), new Set([true]));
  await at(page, 'tap-for-sound').click();
  assert.deepEqual(new Set(await muted()), new Set([false]));
  await plays(page);
  await page.reload();
  await plays(page);
  // The browser requires a user gesture in each new page.
  await page.keyboard.press('ArrowDown');
  await until(muted, (all) => !all.includes(true), 'there is sound again');
  await at(page, 'tap-for-sound').waitFor({ state: 'detached' });
  await page.context().close();
});

test('prefers-reduced-motion is respected', async () => {
  const page = await visitor({ reducedMotion: 'reduce' });
  await page.goto('/');
  await settled(page);
  const tops = await page.evaluate(() => new Promise((resolve) => {
    const feed = document.querySelector('.feed-scroller');
    const seen = new Set();
    const look = () => {
      seen.add(feed.scrollTop);
      if (seen.size > 1 && feed.scrollTop === feed.clientHeight) resolve([...seen]);
      else requestAnimationFrame(look);
    };
    look();
    document.querySelector('[data-testid=next]').click();
  }));
  assert.equal(tops.length, 2, `the feed was at ${tops}`);
  await page.context().close();
});

test('a broken video is skipped, with a notice', async () => {
  const page = await visitor({ may: [/net::ERR_FAILED/] });
  const { video_list: videos } = await page.request.get('/douyin/feed/').then((response) => response.json());
  const gone = [videos[1].play_url, videos[1].play_url_small];
  await page.route((url) => gone.includes(url.href), (route) => route.abort());
  await page.goto('/');
  await plays(page);
  const next = videos.findIndex((video, i) => i > 0 && !gone.includes(video.play_url));
  await page.keyboard.press('ArrowDown');
  await until(() => index(page), (now) => now === next, 'the next good one');
  await at(page, 'notice').filter({ hasText: 'Skipped a video' }).waitFor();
  assert.equal(await settled(page), next);
  await plays(page);
  await page.context().close();
});

test('offline nothing is skipped, and online playback resumes', async () => {
  const page = await visitor({ may: [/net::ERR_INTERNET_DISCONNECTED/] });
  // Without this the browser would have cached all of them, because they are copies.
  await page.route('**/douyin/feed/**', async (route) => {
    const reply = await (await route.fetch()).json();
    for (const [n, video] of reply.video_list.entries()) {
      for (const key of ['play_url', 'play_url_small']) if (video[key]) video[key] += `?${n}`;
      video.author = { ...video.author, id: 1e6 + n, avatar: `${video.author.avatar}?${n}` };
    }
    await route.fulfill({ json: reply });
  });
  await page.goto('/');
  const loaded = () => page.evaluate(() => document.querySelectorAll('video[src]').length);
  await until(loaded, (n) => n === 3, 'what is loaded ahead');
  await plays(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.context().setOffline(true);
  for (let n = 1; n <= 4; n++) {
    await page.keyboard.press('ArrowDown');
    await until(() => index(page), (now) => now === n, `video ${n}`);
  }
  await at(page, 'notice').filter({ hasText: 'No connection' }).waitFor();
  assert.equal(await settled(page), 4);
  assert.equal(await at(page, 'notice').filter({ hasText: 'Skipped' }).count(), 0);
  await page.context().setOffline(false);
  await plays(page);
  assert.equal(await index(page), 4);
  await until(() => here(page, 'author').locator('img').evaluate((one) => one.complete && one.naturalWidth), (width) => width > 0, 'the picture of the author');
  await page.context().close();
});

nothingSaid();
