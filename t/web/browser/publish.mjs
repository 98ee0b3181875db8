// publish.mjs: from choosing a file to playback for another user.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { api, at, clips, newcomer, nothingSaid, onlyText, SCRIPT, unique, until, visitor } from './lib.mjs';

// The size of the first chunk, before the speed of the connection is known.
const PIECE = 1024 * 1024;
const ann = await newcomer('ann');
const page = await visitor({ as: ann, may: [/request .*\/douyin\/upload\/.*: net::ERR_(CONNECTION_RESET|INTERNET_DISCONNECTED)/,
  // A way that is closed, for a test.
  /status 405: .*\/douyin\/upload\/$/, /console error: Failed to load resource: .* 405 .*\/douyin\/upload\//,
  // A photo that is refused.
  /status 400: .*\/douyin\/upload\//, /console error: Failed to load resource: .* 400 .*\/douyin\/upload\//,
  /console error: Failed to load resource: net::ERR_(CONNECTION_RESET|INTERNET_DISCONNECTED) .*\/douyin\/upload\//] });
await page.goto('/publish');

// Chooses a file, enters the title and presses the button.
async function send(file, title) {
  await at(page, 'file').setInputFiles(file);
  await at(page, 'publish-title').fill(title);
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
}

const pieces = [];
page.on('request', (request) => {
  if (request.method() === 'PATCH') pieces.push({ url: request.url(), offset: Number(request.headers()['upload-offset']) });
});

test('the limits are shown before an upload', async () => {
  await at(page, 'limits').filter({ hasText: 'At most' }).waitFor();
  const file = `${clips}/note.txt`;
  writeFileSync(file, 'no video');
  await at(page, 'file').setInputFiles(file);
  await at(page, 'choose-error').filter({ hasText: 'not a video' }).waitFor();
});

// Photos and songs are recognized by type; a video with a wrong type is accepted.
test('photos and songs are rejected by name, other containers accepted without a preview', async () => {
  for (const [name, said] of [['photo.jpg', 'a photo'], ['song.mp3', 'audio only']]) {
    writeFileSync(`${clips}/${name}`, 'x');
    await at(page, 'file').setInputFiles(`${clips}/${name}`);
    await at(page, 'choose-error').filter({ hasText: said }).waitFor();
  }
  const accepted = await at(page, 'file').getAttribute('accept');
  for (const name of ['video.ts', 'camcorder.mts', 'video.ogg', 'animated.gif', 'windows.wmv']) {
    assert.ok(accepted.split(',').includes(`.${name.split('.')[1]}`), name);
    await at(page, 'file').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from('#EXTM3U') });
    await at(page, 'no-preview').waitFor();
    assert.equal(await at(page, 'publish-send').isEnabled(), true, name);
    await at(page, 'publish-leave').click();
  }
});

test('a file that the server finds to be a photo offers no retry', async () => {
  const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
  await at(page, 'file').setInputFiles({ name: 'live.mov', mimeType: 'video/quicktime', buffer: heic });
  await at(page, 'publish-title').fill(unique('photo'));
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await at(page, 'upload-error').filter({ hasText: 'a photo' }).waitFor();
  assert.equal(await at(page, 'upload-retry').count(), 0);
  await page.reload();
  await at(page, 'file').waitFor({ state: 'attached' });
  assert.equal(await at(page, 'interrupted').count(), 0);
  await page.goto('/publish');
});

test('a file gets a preview, title and cover, is uploaded and plays for others', async () => {
  const title = `${SCRIPT} ${unique('clip')}`;
  await at(page, 'file').setInputFiles(`${clips}/tall.mp4`);
  await until(() => at(page, 'preview').evaluate((video) => video.readyState), (state) => state >= 2, 'a preview');
  await at(page, 'cover').fill('2');
  await at(page, 'publish-title').fill(title);
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await at(page, 'to-works').click();
  const work = at(page, 'work').filter({ hasText: title });
  await work.waitFor();
  await until(() => work.getAttribute('data-status'), (now) => now === 'ready', 'it is processed');

  const bob = await visitor({ size: 'phone' });
  await bob.goto('/');
  await bob.locator('[data-testid=slide][aria-current] [data-testid=title]').filter({ hasText: title }).waitFor();
  await until(() => bob.evaluate(() => document.querySelector('video[data-current]').getVideoPlaybackQuality().totalVideoFrames), (n) => n > 5, 'it plays');
  await onlyText(page, bob);
  await bob.context().close();
});

// The brightness of an element of one colour, 0 to 255.
const brightness = (page, element) => element.evaluate((shown) => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
  const context = canvas.getContext('2d');
  context.drawImage(shown, 0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data[0];
});

// Between two frames; each is two steps brighter than the one before.
const MOMENT = 2.1;
const AT_MOMENT = Math.round(1.7 * 52 * 255 / 219);

async function coverOf(title) {
  const works = () => api('/publish/list/', { user_id: ann.id }, { token: ann.token });
  const { video_list: list } = await until(works, ({ video_list: all }) => all.some((one) => one.title === title && one.status === 'ready'), `${title} is ready`);
  await page.goto(`/u/${ann.id}`);
  const picture = page.locator(`[data-testid=work][data-video-id="${list.find((one) => one.title === title).id}"] img`);
  await until(() => picture.evaluate((one) => one.complete && one.naturalWidth), (width) => width > 0, 'the cover');
  return brightness(page, picture);
}

async function chooseCover(title) {
  await page.goto('/publish');
  await at(page, 'file').setInputFiles(`${clips}/brighter.mp4`);
  await at(page, 'publish-title').fill(title);
  await at(page, 'cover').fill(String(MOMENT));
  await until(() => brightness(page, at(page, 'cover-picture')), (now) => Math.abs(now - AT_MOMENT) <= 2, 'the frame of the moment');
}

for (const way of ['resumable', 'plain'])
  test(`a ${way} upload has the chosen frame as cover`, async () => {
    const title = unique(way);
    if (way === 'plain') await page.route('**/douyin/upload/', (route) => route.fulfill({ status: 405, body: '' }));
    await chooseCover(title);
    // The preview's own requests are ignored.
    await at(page, 'preview').evaluate((video) => (video.currentTime = 4.5));
    await until(() => at(page, 'preview').evaluate((video) => video.currentTime > 4 && !video.seeking), Boolean, 'the preview is elsewhere');
    const shown = await brightness(page, at(page, 'cover-picture'));
    await at(page, 'publish-send').click();
    await at(page, 'published').waitFor();
    await page.unroute('**/douyin/upload/');
    const got = await coverOf(title);
    assert.ok(Math.abs(got - shown) < 2, `the cover has ${got}, shown was ${shown}`);
    assert.ok(Math.abs(shown - AT_MOMENT) <= 2, `shown was ${shown}`);
  });

test('the preview\'s time can be taken as cover and dropped again', async () => {
  await page.goto('/publish');
  await at(page, 'file').setInputFiles(`${clips}/brighter.mp4`);
  await at(page, 'cover-here').waitFor();
  await at(page, 'preview').evaluate((video) => new Promise((resolve) => {
    video.addEventListener('seeked', resolve, { once: true });
    video.currentTime = 4;
  }));
  await at(page, 'cover-here').click();
  await until(() => brightness(page, at(page, 'cover-picture')), (now) => Math.abs(now - Math.round(1.7 * 100 * 255 / 219)) <= 2, 'its frame');
  await at(page, 'cover-auto').click();
  await at(page, 'cover-picture').waitFor({ state: 'detached' });
});

test('an upload resumes where its connection was lost', async () => {
  const title = unique('lost');
  let broken = 0;
  await page.route('**/douyin/upload/*', (route) => {
    const cut = route.request().method() === 'PATCH' && pieces.length === 2 && !broken++;
    return cut ? route.abort('connectionreset') : route.continue();
  });
  pieces.length = 0;
  await page.goto('/publish');
  await send(`${clips}/large.mp4`, title);
  await at(page, 'published').waitFor();
  await page.unroute('**/douyin/upload/*');
  assert.equal(broken, 1);
  const [first, lost, again, ...rest] = pieces.map((piece) => piece.offset);
  assert.deepEqual([first, lost, again], [0, PIECE, PIECE]);
  assert.ok(rest.every((offset, i) => offset > (rest[i - 1] ?? again)), `${rest}`);
  assert.equal(new Set(pieces.map((piece) => piece.url)).size, 1);
  const { video_list: videos } = await api('/publish/list/', { user_id: ann.id }, { token: ann.token });
  assert.equal(videos.filter((video) => video.title === title).length, 1);
});

test('a paused upload resumes after a reload', async () => {
  const title = unique('paused');
  pieces.length = 0;
  await page.route('**/douyin/upload/*', async (route) => {
    if (route.request().method() === 'PATCH' && pieces.length === 2) return;
    await route.continue();
  });
  await page.goto('/publish');
  await send(`${clips}/large.mp4`, title);
  await until(() => pieces.length, (n) => n === 2, 'the second piece');
  await at(page, 'upload-pause').click();
  await page.locator('[data-testid=uploading][data-state=paused]').waitFor();
  await page.unroute('**/douyin/upload/*');
  await page.reload();
  await at(page, 'interrupted').filter({ hasText: title }).waitFor();
  pieces.length = 0;
  await at(page, 'interrupted-resume').click();
  await at(page, 'published').waitFor();
  assert.equal(pieces[0].offset, PIECE);
});

test('deleting one\'s video asks for confirmation', async () => {
  await page.goto(`/u/${ann.id}`);
  const work = at(page, 'work').filter({ hasText: 'paused' });
  await until(() => work.getAttribute('data-status'), (now) => now === 'ready', 'it is processed');
  assert.equal(await work.getByTestId('work-delete').count(), 0, 'no bin lies on a cover');
  await at(page, 'works-manage').click();
  await work.getByTestId('work-delete').click();
  assert.equal(await work.count(), 1);
  await work.getByTestId('work-delete').click();
  await work.waitFor({ state: 'detached' });
  await until(() => api('/publish/list/', { user_id: ann.id }, { token: ann.token }),
    ({ video_list: videos }) => !videos.some((video) => video.title.startsWith('paused')), 'the server knows');
});

nothingSaid();
