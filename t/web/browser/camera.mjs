// camera.mjs: recording with a fake camera, upload and playback.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CAMERA, launch } from './browser.mjs';
import { api, at, newcomer, nothingSaid, unique, until, visitor } from './lib.mjs';

const ann = await newcomer('ann');

// Each container that MediaRecorder writes; the second one with small frames, for speed.
const recorders = { webm: { kind: 'webm' }, mp4: { kind: 'mp4', small: { width: 216, height: 384 } } };
const studio = await launch(...CAMERA);
after(() => studio.close());

for (const [name, recorder] of Object.entries(recorders))
  test(`recording, preview, upload and playback work: ${name}`, async (context) => {
    const cameraman = await visitor({ as: ann, size: 'phone', inside: studio });
    await cameraman.addInitScript(({ kind, small }) => {
      const can = MediaRecorder.isTypeSupported;
      MediaRecorder.isTypeSupported = (type) => type.includes(kind) && can.call(MediaRecorder, type);
      const ask = MediaDevices.prototype.getUserMedia;
      if (small) MediaDevices.prototype.getUserMedia = function (wanted) { return ask.call(this, { ...wanted, video: small }); };
    }, recorder);
    const title = unique('recorded');
    await cameraman.goto('/publish');
    await at(cameraman, 'camera-open').click();
    const seen = () => at(cameraman, 'viewfinder').evaluate((video) => video.videoWidth > 0 && video.getVideoPlaybackQuality().totalVideoFrames);
    await until(seen, (n) => n > 3, 'what the camera sees');
    await at(cameraman, 'camera-countdown').click();
    await at(cameraman, 'record').click();
    await until(() => at(cameraman, 'camera-time').textContent(), (now) => now.includes('0:01 /'), 'a second is recorded');
    await at(cameraman, 'record').click();

    const preview = at(cameraman, 'preview');
    await until(() => preview.evaluate((video) => video.duration), (length) => length > 0.9 && length < 15, 'its length is known');
    context.diagnostic(`recorded ${await cameraman.evaluate(() => document.querySelector('[data-testid=publish-title]').value)}: ${await preview.evaluate((video) => `${video.videoWidth} x ${video.videoHeight}, ${video.duration} s`)}`);
    await at(cameraman, 'cover').fill('0.5');
    await until(() => at(cameraman, 'cover-picture').evaluate((video) => video.readyState >= 2 && !video.seeking && video.currentTime), (time) => Math.abs(time - 0.5) < 0.2, 'the frame of the cover');
    await at(cameraman, 'publish-title').fill(title);
    await at(cameraman, 'publish-send').click();
    await at(cameraman, 'published').waitFor();
    const works = () => api('/publish/list/', { user_id: ann.id }, { token: ann.token });
    const { video_list: list } = await until(works, ({ video_list: all }) => all.find((one) => one.title === title)?.status !== 'processing', 'it is processed');
    const work = list.find((one) => one.title === title);
    assert.equal(work.status, 'ready', work.reason);
    await cameraman.goto(`/u/${ann.id}/v/${work.id}`);
    await until(() => cameraman.evaluate(() => document.querySelector('video[data-current]')?.getVideoPlaybackQuality().totalVideoFrames), (n) => n > 5, 'it plays');
    assert.equal(await cameraman.evaluate(() => document.querySelector('video[data-current]').dataset.videoId), String(work.id));
    await cameraman.context().close();
  });

nothingSaid();
