// load.mjs: the size of the first visit, the offline page, installation, and the API's page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, base, nothingSaid, until, visitor } from './lib.mjs';

const FIRST_LOAD = 60 * 1024;

// The requests of a page in order: { url, type, bytes }; bytes are those on the wire.
async function traffic(page) {
  const session = await page.context().newCDPSession(page);
  const requests = new Map();
  await session.send('Network.enable');
  session.on('Network.requestWillBeSent', ({ requestId, request, type }) => requests.set(requestId, { url: request.url, type, bytes: 0 }));
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (requests.has(requestId)) requests.get(requestId).bytes = encodedDataLength;
  });
  return requests;
}

// The time of the first frame of the first video, and the requests before it.
const firstFrame = (page) => page.addInitScript(() => {
  const watch = new MutationObserver(() => {
    const video = document.querySelector('video[data-current]');
    if (!video) return;
    watch.disconnect();
    video.addEventListener('canplay', () => (window.ready ??= performance.now()));
    video.requestVideoFrameCallback((now) => {
      window.firstFrame = now;
      const asked = performance.getEntriesByType('resource').sort((a, b) => a.startTime - b.startTime);
      window.videos = asked.filter((one) => one.name.endsWith('.mp4')).map((one) => one.startTime);
      window.before = asked.findIndex((one) => one.name.endsWith('.mp4'));
    });
  });
  watch.observe(document, { childList: true, subtree: true });
});

test('the first load meets its limits of size and requests before the first frame', async (context) => {
  const page = await visitor({ size: 'phone' });
  await firstFrame(page);
  const requests = await traffic(page);
  await page.goto('/');
  await until(() => page.evaluate(() => window.firstFrame), Boolean, 'a first frame');
  const { before, videos, ready, frame } = await page.evaluate(() =>
    ({ before: window.before, videos: window.videos, ready: window.ready, frame: window.firstFrame }));
  const code = [...requests.values()].filter((one) => ['Document', 'Script', 'Stylesheet'].includes(one.type));
  await until(() => code, (all) => all.length > 3 && all.every((one) => one.bytes > 0), 'all has come');
  const bytes = code.reduce((sum, one) => sum + one.bytes, 0);
  context.diagnostic(`first load ${bytes} bytes in ${code.length} requests; first frame after ${Math.round(frame)} ms; ${before} requests before the first video`);
  assert.ok(bytes < FIRST_LOAD, `${bytes}`);
  assert.ok(bytes > 5000, `${bytes}`);
  assert.ok(before > 0 && before <= 20, `${before}`);
  // Other videos do not compete for bandwidth.
  assert.ok(videos.slice(1).every((time) => time >= ready), `${videos}, ready at ${ready}`);
  assert.deepEqual([...requests.values()].filter((one) => !one.url.startsWith(base) && !one.url.startsWith('data:')), []);
  await page.context().close();
});

test('a second visit requests no script or style', async () => {
  const page = await visitor();
  await page.goto('/');
  await at(page, 'like').first().waitFor();
  const requests = await traffic(page);
  await page.reload();
  await at(page, 'like').first().waitFor();
  const again = [...requests.values()].filter((one) => ['Script', 'Stylesheet'].includes(one.type) && one.bytes > 0);
  assert.deepEqual(again, []);
  await page.context().close();
});

test('offline a page explains it and leads back', async () => {
  const page = await visitor({ may: [/net::ERR_INTERNET_DISCONNECTED/] });
  await page.goto('/');
  await page.evaluate(() => navigator.serviceWorker.ready);
  await until(() => page.evaluate(() => caches.match('/offline.html').then(Boolean)), Boolean, 'the page is kept');
  await until(() => page.evaluate(() => Boolean(navigator.serviceWorker.controller)), Boolean, 'the worker is in charge');
  await page.context().setOffline(true);
  await page.goto('/settings');
  await page.getByRole('heading', { name: 'No connection' }).waitFor();
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor !== 'rgba(0, 0, 0, 0)'), true);
  await page.context().setOffline(false);
  await page.getByRole('link').click();
  await at(page, 'page-settings').waitFor();
  await page.context().close();
});

test('the service worker caches nothing personal', async () => {
  const page = await visitor();
  await page.goto('/');
  await page.evaluate(() => navigator.serviceWorker.ready);
  const kept = await page.evaluate(async () => {
    const names = await caches.keys();
    const all = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).map((one) => new URL(one.url).pathname)));
    return all.flat();
  });
  assert.ok(kept.length > 0);
  assert.deepEqual(kept.filter((path) => !/^\/(offline\.html|web\/)/.test(path)), []);
  await page.context().close();
});

test('the client can be installed with manifest and icons', async () => {
  const page = await visitor();
  await page.goto('/');
  const session = await page.context().newCDPSession(page);
  const { errors, url } = await session.send('Page.getAppManifest');
  assert.ok(url.endsWith('/manifest.webmanifest'));
  assert.deepEqual(errors, []);
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  // A test's context is like a private window, in which nothing can be installed.
  assert.deepEqual(installabilityErrors.map((one) => one.errorId).filter((id) => id !== 'in-incognito'), []);
  await page.context().close();
});

test('/docs shows the operations of the API', async () => {
  const page = await visitor();
  await page.goto('/docs');
  await page.locator('.opblock').first().waitFor();
  const operations = await page.locator('.opblock').count();
  assert.ok(operations >= 16, `${operations}`);
  await page.locator('.opblock-summary-path').filter({ hasText: /feed/ }).first().click();
  await page.locator('.opblock.is-open').getByText('latest_time').first().waitFor();
  await page.context().close();
});

nothingSaid();
