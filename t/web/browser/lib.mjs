// lib.mjs: functions for the browser tests: users in browser contexts of their own, and errors reported there.
//
// t/lib/browser.bash sets them, in the environment:
//   BASE     the instance's address            HOME_OF  its folder
//   CLIPS    a folder with videos to publish   SHOTS    where pictures go
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { launch } from './browser.mjs';

export const { BASE: base, HOME_OF: home, CLIPS: clips, SHOTS: shots } = process.env;
export const PASSWORD = 'pw-geheim-7531';
// Timeout in ms, for busy machines; the awaited states are usually reached much sooner.
export const PATIENCE = 60000;

export const sizes = {
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
  desktop: { viewport: { width: 1440, height: 900 } },
  small: { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true },
  huge: { viewport: { width: 3840, height: 2160 } },
};

const browser = await launch();
after(() => browser.close());

// --- Requests to the API -----------------------------------------------------

// Fails unless the reply is a success.
export async function api(path, params = {}, { token, method = 'GET' } = {}) {
  const query = new URLSearchParams(params);
  const response = await fetch(`${base}/douyin${path}?${query}`, { method, headers: token ? { Authorization: `Bearer ${token}` } : {} });
  const reply = await response.json();
  assert.equal(reply.status_code, 0, `${path}: ${reply.status_msg}`);
  return reply;
}

export const post = (path, params, token) => api(path, params, { token, method: 'POST' });

let people = 0;
export const unique = (name) => `${name}-${process.pid.toString(36)}${++people}`;

// Registers a user: { name, id, token }.
export async function newcomer(name) {
  const one = unique(name);
  const { user_id: id, token } = await post('/user/register/', { username: one, password: PASSWORD });
  return { name: one, id, token };
}

export async function befriend(a, b) {
  await post('/relation/action/', { to_user_id: b.id, action_type: 1 }, a.token);
  await post('/relation/action/', { to_user_id: a.id, action_type: 1 }, b.token);
}

// Publishes this file of `clips`, waits until it is ready and returns its id. The title must be unique.
export async function publish(who, title, file = 'tall.mp4') {
  const body = new FormData();
  body.set('title', title);
  body.set('data', new Blob([readFileSync(`${clips}/${file}`)]), file);
  await fetch(`${base}/douyin/publish/action/`, { method: 'POST', body, headers: { Authorization: `Bearer ${who.token}` } });
  const mine = () => api('/publish/list/', { user_id: who.id }, { token: who.token });
  const { video_list: list } = await until(mine, ({ video_list: all }) => all.some((one) => one.title === title && one.status === 'ready'), title);
  return list.find((one) => one.title === title).id;
}

// A token signed with the instance's key that expired an hour ago.
export function expired(id) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: String(id), exp: Math.floor(Date.now() / 1000) - 3600 })}`;
  return `${text}.${createHmac('sha256', readFileSync(`${home}/keys/token`)).update(text).digest('base64url')}`;
}

// --- Pages -------------------------------------------------------------------

// Errors that the browser reports although nothing is wrong, and why.
const allowed = [
  // A <video> aborts its download when its address changes or its page is left.
  /^request .*\/(media|static)\/.*\.(mp4|jpg|png): net::ERR_ABORTED$/,
  // So does the preview of an uploaded file.
  /^request blob:.*: net::ERR_ABORTED$/,
  // A page that is left aborts its requests and scripts.
  /^request .*\/(douyin|web)\/.*: net::ERR_ABORTED$/,
];

const said = [];

function listen(page, who, mayHappen) {
  const note = (text) => {
    if (![...allowed, ...mayHappen].some((pattern) => pattern.test(text))) said.push(`${who}: ${text}`);
  };
  page.on('console', (one) => ['error', 'warning'].includes(one.type()) && note(`console ${one.type()}: ${one.text()} ${one.location().url ?? ''}`));
  page.on('pageerror', (error) => note(`exception: ${error.stack}`));
  page.on('requestfailed', (request) => note(`request ${request.url()}: ${request.failure()?.errorText}`));
  page.on('response', (response) => response.status() >= 400 && note(`status ${response.status()}: ${response.url()}`));
  page.on('dialog', async (dialog) => {
    if (dialog.type() !== 'beforeunload') note(`dialog: ${dialog.message()}`);
    await dialog.accept().catch(() => {});
  });
}

// A context of its own, with an empty cache, and a page in it.  as: a newcomer() whose session it has;
// size: of `sizes`; lang; may: patterns of what this page may say; inside: another browser than that of
// all; options: of newContext().
export async function visitor({ as, size = 'desktop', lang = 'en', may = [], settings = {}, inside = browser, ...options } = {}) {
  const stored = { 'dousheng.settings': JSON.stringify({ sound: 'off', ...settings }) };
  if (as) stored['dousheng.session'] = JSON.stringify({ token: as.token, id: as.id, name: as.name });
  const context = await inside.newContext({
    ...sizes[size], baseURL: base, locale: lang === 'zh' ? 'zh-CN' : 'en-US', timezoneId: 'UTC',
    storageState: { cookies: [], origins: [{ origin: base, localStorage: Object.entries(stored).map(([name, value]) => ({ name, value })) }] },
    ...options,
  });
  context.setDefaultTimeout(PATIENCE);
  await context.addInitScript(() => addEventListener('securitypolicyviolation', (event) =>
    console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`)));
  const page = await context.newPage();
  listen(page, as?.name ?? size, may);
  return page;
}

export const at = (page, testid) => page.getByTestId(testid);

// In the current slide.
export const here = (page, testid) => page.locator(`[data-testid=slide][aria-current] [data-testid=${testid}]`);

export async function logIn(page, name, password = PASSWORD, how = 'login') {
  await at(page, 'login').waitFor();
  if (how === 'register') await at(page, 'other').click();
  await at(page, 'username').fill(name);
  await at(page, 'password').fill(password);
  await at(page, 'submit').click();
  await at(page, 'login').waitFor({ state: 'detached' });
}

// Text that would be a script if it were not escaped: in names, titles, comments, messages.
export const SCRIPT = '<img src=x onerror=window.__xss=1><script>window.__xss=1</script>';

// No user text was interpreted as markup.
export async function onlyText(...pages) {
  for (const page of pages) {
    assert.equal(await page.evaluate(() => window.__xss), undefined);
    assert.equal(await page.locator('[onerror], script:not([src])').count(), 0);
  }
}

// Waits until `probe` returns a value that `wanted` accepts.
export async function until(probe, wanted, what) {
  const end = Date.now() + PATIENCE;
  let value;
  do {
    value = await probe();
    if (wanted(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  } while (Date.now() < end);
  assert.fail(`${what}: in vain, the last was ${JSON.stringify(value)}`);
}

// The last test of each file.
export const nothingSaid = () =>
  test('the browser reported no error', () => assert.deepEqual(said, []));
