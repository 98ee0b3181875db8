// steady.mjs: feed and pages during changes: an unreachable server, new and deleted videos, endless lists.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, base, clips, here, newcomer, nothingSaid, publish, unique, until, visitor } from './lib.mjs';

const index = (page) => at(page, 'feed').evaluate((feed) => Number(feed.dataset.index));
const shownVideo = (page) => page.locator('[data-testid=slide][aria-current]').getAttribute('data-video-id');
const playsIt = (page, what) => until(() => page.evaluate(() => document.querySelector('video[data-current]')?.currentTime ?? 0), (time) => time > 0, what);

const ann = await newcomer('ann');
const works = [];
for (let n = 0; n < 6; n++) works.unshift(await publish(ann, unique(`work ${n}`)));

test('a link and a tap in the profile open each of six videos', async () => {
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

// Errors of the browser when the server is unreachable.
const refused = [/net::ERR_CONNECTION_REFUSED/];
const unreachable = (page) => page.route((url) => url.origin === base, (route) => route.abort('connectionrefused'));

// Counts notices.
const countNotices = (page) => page.evaluate(() => {
  window.told = [];
  new MutationObserver((all) => all.forEach((one) => one.addedNodes.forEach((node) => node.dataset?.testid === 'notice' && window.told.push(node.textContent.trim()))))
    .observe(document.querySelector('[data-testid=notices]'), { childList: true, subtree: true });
});

test('an unreachable server skips nothing, is reported once, and playback resumes', async () => {
  const page = await visitor({ may: refused });
  // Without this the browser would have cached all of them, because they are copies.
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

test('a broken video behind another page is not skipped', async () => {
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

test('a page that failed to load appears when the server is back', async () => {
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

test('deleting one\'s video removes it from the feed and keeps the position', async () => {
  const page = await visitor({ as: ann });
  await page.goto('/');
  const [first, second, third] = works;
  await until(() => shownVideo(page), (now) => now === String(first), 'the newest');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await until(() => shownVideo(page), (now) => now === String(third), 'the third');
  const before = Number(await at(page, 'feed').getAttribute('data-count'));
  await at(page, 'nav-me').click();
  await at(page, 'works-manage').click();
  const work = page.locator(`[data-testid=work][data-video-id="${second}"]`);
  await work.getByTestId('work-delete').click();
  await work.getByTestId('work-delete').click();
  await at(page, 'notice').filter({ hasText: 'Video deleted' }).waitFor();
  works.splice(1, 1);
  await at(page, 'nav-feed').click();
  await until(() => shownVideo(page), (now) => now === String(third), 'still the third');
  assert.equal(Number(await at(page, 'feed').getAttribute('data-count')), before - 1);
  assert.equal(await index(page), 1);
  await until(() => page.evaluate(() => Math.round(document.querySelector('video[data-current]').getBoundingClientRect().top -
    document.querySelector('.feed-scroller').getBoundingClientRect().top)), (top) => top === 0, 'its video is in sight');
  await playsIt(page, 'it plays');
  await page.keyboard.press('ArrowUp');
  await until(() => shownVideo(page), (now) => now === String(first), 'the newest');
  await playsIt(page, 'the newest plays');
  await page.context().close();
});

test('new videos are offered during viewing and on return', async () => {
  const page = await visitor();
  await page.clock.install();
  await page.goto('/');
  await until(() => shownVideo(page), (now) => now === String(works[0]), 'the newest');
  assert.equal(await at(page, 'new-videos').count(), 0);
  works.unshift(await publish(ann, unique('newer')));
  await page.clock.runFor(61000);
  await at(page, 'new-videos').click();
  await until(() => shownVideo(page), (now) => now === String(works[0]), 'the new one');
  await at(page, 'new-videos').waitFor({ state: 'detached' });
  await playsIt(page, 'it plays');
  works.unshift(await publish(ann, unique('newest')));
  await at(page, 'nav-settings').click();
  await page.clock.runFor(6000);
  await at(page, 'nav-feed').click();
  await at(page, 'new-videos').waitFor();
  await at(page, 'nav-feed').click();
  await until(() => shownVideo(page), (now) => now === String(works[0]), 'the newest');
  await page.context().close();
});

test('long viewing keeps lists and memory small and the position', async () => {
  const page = await visitor({ may: [/\.mp4/] });
  const session = await page.context().newCDPSession(page);
  let pages = 0;
  const heavy = 'x'.repeat(100000);
  await page.route('**/douyin/feed/**', async (route) => {
    const reply = await (await route.fetch({ url: `${base}/douyin/feed/` })).json();
    const n = pages++;
    reply.video_list = Array.from({ length: 30 }, (_, i) => {
      const one = reply.video_list[i % reply.video_list.length];
      return { ...one, id: 1e6 + n * 30 + i, author: { ...one.author, id: 1e6 + n * 30 + i, signature: heavy + n + i } };
    });
    reply.next_time = 1e12 + n;
    await route.fulfill({ json: reply });
  });
  await page.goto('/');
  await here(page, 'like').waitFor();
  const heap = async () => {
    for (let n = 0; n < 3; n++) await session.send('HeapProfiler.collectGarbage');
    return (await session.send('Runtime.getHeapUsage')).usedSize;
  };
  const walk = async (from, to) => {
    for (let n = from; n < to; n++) {
      await page.keyboard.press('ArrowDown');
      await until(() => index(page), (now) => now === n + 1, `video ${n + 1}`);
    }
  };
  await walk(0, 120);
  const before = await heap();
  await walk(120, 300);
  const after = await heap();
  assert.ok(after - before < 9e6, `${before} ${after}`);
  const count = Number(await at(page, 'feed').getAttribute('data-count'));
  assert.ok(count <= 120, `${count}`);
  await page.keyboard.press('ArrowUp');
  await until(() => shownVideo(page), (now) => now === String(1e6 + 299), 'the one before');
  await page.context().close();
});

test('a prepared upload survives a visit to another page', async () => {
  const page = await visitor({ as: ann });
  await page.goto('/publish');
  await at(page, 'file').setInputFiles(`${clips}/tall.mp4`);
  await at(page, 'publish-title').fill('half written');
  await at(page, 'cover').fill('2');
  await at(page, 'cover-picture').waitFor();
  await at(page, 'nav-feed').click();
  await here(page, 'like').waitFor();
  await at(page, 'nav-publish').click();
  assert.equal(await at(page, 'publish-title').inputValue(), 'half written');
  await until(() => at(page, 'cover').inputValue().catch(() => ''), (value) => value === '2', 'the moment of the cover');
  const asked = new Promise((resolve) => page.once('dialog', (dialog) => resolve(dialog.type())));
  await page.reload();
  assert.equal(await asked, 'beforeunload');
  await page.context().close();
});

test('Home moves to the first video and End does nothing, with any modifier', async () => {
  const page = await visitor();
  await page.goto('/');
  await here(page, 'like').waitFor();
  for (const [n, key] of ['Home', 'Control+Home', 'End', 'Control+End'].entries()) {
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await until(() => index(page), (now) => now === (n < 3 ? 2 : 4), 'the third');
    await page.keyboard.press(key);
    await page.waitForTimeout(700);
    assert.equal(await index(page), n < 2 ? 0 : n < 3 ? 2 : 4, key);
  }
  await page.context().close();
});

test('the wheel over the navigation moves the feed', async () => {
  const page = await visitor();
  await page.goto('/');
  await here(page, 'like').waitFor();
  await at(page, 'nav-settings').hover();
  await page.mouse.wheel(0, 120);
  await until(() => index(page), (now) => now === 1, 'the second');
  await page.context().close();
});

test('a feed that fails before the texts are loaded shows a readable error', async () => {
  const page = await visitor({ lang: 'zh', may: [/status 502/, /console error: Failed to load resource: .* 502/] });
  await page.route('**/douyin/feed/**', (route) => route.fulfill({ status: 502, body: 'Bad Gateway' }));
  await page.route(/\/web\/zh-/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await route.continue();
  });
  await page.goto('/');
  await at(page, 'failure').filter({ hasText: '服务器响应异常' }).waitFor();
  await page.context().close();
});

test('the author\'s list and the feed switch to the full rendition', async () => {
  const page = await visitor({ as: ann });
  let coming = true;
  const asked = [];
  await page.route(/\/douyin\/publish\/list\//, async (route) => {
    const reply = await (await route.fetch()).json();
    for (const one of reply.video_list) {
      one.full_coming = coming;
      if (!coming) one.play_url = one.play_url_small = `${one.play_url}?full`;
    }
    await route.fulfill({ json: reply });
  });
  page.on('request', (request) => request.url().includes('?full') && asked.push(request.url()));
  await page.goto(`/u/${ann.id}`);
  await at(page, 'work').first().waitFor();
  const poll = () => page.waitForResponse((response) => response.url().includes('/publish/list/'));
  await poll();
  coming = false;
  await poll();
  await page.locator(`[data-testid=work][data-video-id="${works[0]}"] a`).click();
  await until(() => asked.length, (n) => n > 0, 'the full rendition');
  await page.context().close();
});

nothingSaid();
