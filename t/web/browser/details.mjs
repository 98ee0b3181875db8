// details.mjs: single cases of texts and layout.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { CAMERA, launch } from './browser.mjs';
import { at, clips, here, newcomer, nothingSaid, publish, unique, until, visitor } from './lib.mjs';

const ann = await newcomer('ann');
const camera = await launch(...CAMERA);
after(() => camera.close());

const box = (page, where) => page.locator(where).evaluate((one) => {
  const { left, right, top, bottom } = one.getBoundingClientRect();
  return { left, right, top, bottom };
});

test('the password rule is shown and enforced on registration only', async () => {
  const page = await visitor();
  const asked = [];
  page.on('request', (request) => /\/user\/(register|login)\//.test(request.url()) && asked.push(request.url()));
  await page.goto('/');
  await at(page, 'nav-login').click();
  await at(page, 'other').click();
  await at(page, 'login').getByText('At least 8 characters').waitFor();
  assert.equal(await at(page, 'login').getByText('Log in to').count(), 0);
  for (const [name, password, said] of [['x', '1234567', 'at least 8'], [' ', '12345678', 'enter a name'], ['n'.repeat(33), '12345678', 'at most 32']]) {
    await at(page, 'username').fill(name);
    await at(page, 'password').fill(password);
    await at(page, 'submit').click();
    await at(page, 'login-error').filter({ hasText: said }).waitFor();
  }
  assert.deepEqual(asked, []);
  await at(page, 'other').click();
  await at(page, 'username').fill(ann.name);
  await at(page, 'password').fill('1');
  await at(page, 'submit').click();
  await at(page, 'login-error').filter({ hasText: 'Wrong name or password' }).waitFor();
  await page.context().close();
});

test('error messages name no API parameter', async () => {
  const page = await visitor({ as: ann });
  for (const [code, text, said] of [[1004, 'parameter has a bad length: video_id', 'rejected this input'], [1202, 'no such video: video_id', 'no longer exists'],
    [1299, 'something else: to_user_id', 'Something else']]) {
    await page.route('**/douyin/favorite/action/', (route) => route.fulfill({ json: { status_code: code, status_msg: text } }));
    await page.goto('/');
    await here(page, 'like').click();
    const notice = at(page, 'notice').filter({ hasText: said });
    await notice.waitFor();
    assert.equal(/_id|parameter/.test(await notice.textContent()), false);
  }
  await page.context().close();
});

test('a link is copied without https, or shown to be selected', async () => {
  const page = await visitor();
  await page.addInitScript(() => {
    Object.defineProperty(navigator, 'clipboard', { value: undefined });
    window.addEventListener('copy', () => (window.copied = String(document.activeElement.value)));
  });
  await page.goto('/');
  const id = await page.locator('[data-testid=slide][aria-current]').getAttribute('data-video-id');
  await here(page, 'share').click();
  await at(page, 'notice').filter({ hasText: 'Link copied' }).waitFor();
  assert.ok((await page.evaluate(() => window.copied)).endsWith(`/v/${id}`));
  await page.evaluate(() => { document.execCommand = () => false; });
  await here(page, 'share').click();
  await until(() => at(page, 'link-text').evaluate((one) => one.value.slice(one.selectionStart, one.selectionEnd)), (text) => text.endsWith(`/v/${id}`), 'it is selected');
  await page.context().close();
});

test('six bytes are shown as six bytes', async () => {
  const page = await visitor({ as: ann, may: [/status 4\d\d/, /console error: Failed to load resource: .* 4\d\d/] });
  writeFileSync(`${clips}/six.mp4`, '123456');
  await page.goto('/publish');
  await at(page, 'file').setInputFiles(`${clips}/six.mp4`);
  await at(page, 'publish-title').fill(unique('six'));
  await at(page, 'publish-send').click();
  await at(page, 'uploading').getByText('6 bytes').waitFor();
  await page.context().close();
});

test('a trailing slash opens the same page, and an unknown address says so', async () => {
  const page = await visitor({ as: ann, may: [/status 404/, /console error: Failed to load resource: .* 404/] });
  for (const path of ['settings', 'publish', 'messages']) {
    await page.goto(`/${path}/`);
    await at(page, `page-${path}`).waitFor();
    assert.equal(await page.evaluate(() => location.pathname), `/${path}`);
  }
  await page.goto(`/u/${ann.id}/`);
  await at(page, 'profile').waitFor();
  await page.goto('/docs/');
  await page.locator('.opblock').first().waitFor();
  await page.goto('/no/such/page');
  await at(page, 'empty').filter({ hasText: 'This page does not exist' }).waitFor();
  await page.context().close();
});

test('on a desktop the buttons are beside the video, and an RTL title is at its author\'s name', async () => {
  const video = await publish(ann, 'שלום עולם');
  const page = await visitor({ as: ann, viewport: { width: 1920, height: 1080 } });
  await page.goto(`/u/${ann.id}/v/${video}`);
  await here(page, 'like').waitFor();
  const slide = '[data-testid=slide][aria-current]';
  // The video is 9:16, centred.
  const edge = async () => {
    const { left, right, top, bottom } = await box(page, slide);
    return (left + right) / 2 + ((bottom - top) * 9) / 32;
  };
  const far = async () => (await box(page, `${slide} .rail`)).left - (await edge());
  await until(far, (px) => px >= 0 && px < 40, 'the buttons are beside it');
  const [author, title] = [await box(page, `${slide} .caption-author`), await box(page, `${slide} .caption-title`)];
  assert.ok(Math.abs(author.left - title.left) < 2, `${author.left} ${title.left}`);
  assert.ok(title.right - title.left < 200, `${title.right - title.left}`);
  await page.context().close();
});

test('the record button is visible on a phone in landscape', async () => {
  const page = await visitor({ as: ann, inside: camera, viewport: { width: 844, height: 390 }, hasTouch: true, isMobile: true, permissions: ['camera', 'microphone'] });
  await page.goto('/publish');
  await at(page, 'camera-open').click();
  await at(page, 'record').waitFor();
  const covered = await at(page, 'record').evaluate((button) => {
    const { left, top, right, bottom } = button.getBoundingClientRect();
    const x = (left + right) / 2;
    return [[x, top + 2], [x, bottom - 2]].filter((point) => !button.contains(document.elementFromPoint(...point)));
  });
  assert.deepEqual(covered, []);
  await page.context().close();
});

nothingSaid();
