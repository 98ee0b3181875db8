// firefox.mjs: a short pass in Debian's Firefox ESR, by puppeteer and WebDriver BiDi, because Playwright
// cannot drive it. Details are tested in the other files.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import puppeteer from 'puppeteer-core';

const { BASE: base, SHOTS: shots, FIREFOX: firefox = '/usr/bin/firefox-esr' } = process.env;
const PATIENCE = 60000;
const name = `fox-${process.pid.toString(36)}`;
const browser = await puppeteer.launch({ browser: 'firefox', executablePath: firefox, headless: true,
  extraPrefsFirefox: { 'media.autoplay.default': 0, 'intl.accept_languages': 'en-US' } });
after(() => browser.close());
const page = await browser.newPage();
await page.setViewport({ width: 1280, height: 800 });
const said = [];
page.on('pageerror', (error) => said.push(error.stack ?? String(error)));
page.on('console', (one) => one.type() === 'error' && said.push(one.text()));

const sign = (testid) => `[data-testid="${testid}"]`;
const there = (testid) => page.waitForSelector(sign(testid), { timeout: PATIENCE, visible: true });
const click = async (testid) => (await there(testid)).click();
const until = (probe) => page.waitForFunction(probe, { timeout: PATIENCE, polling: 100 });
const plays = () => until(() => document.querySelector('video[data-current]')?.currentTime > 0);

test('the feed plays, and key and wheel move one video', async () => {
  await page.goto(`${base}/`);
  await plays();
  await page.keyboard.press('ArrowDown');
  await until(() => document.querySelector('[data-testid=feed]').dataset.index === '1');
  await plays();
  await page.mouse.move(600, 400);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await page.mouse.wheel({ deltaY: 120 });
  await until(() => document.querySelector('[data-testid=feed]').dataset.index === '2');
  await plays();
  await page.screenshot({ path: `${shots}/firefox-feed.png` });
});

test('a user registers, likes and comments', async () => {
  await click('nav-login');
  await click('other');
  await (await there('username')).type(name);
  await (await there('password')).type('pw-geheim-7531');
  await click('submit');
  await there('nav-me');
  const slide = '[data-testid=slide][aria-current] ';
  await (await page.waitForSelector(`${slide}${sign('like')}`)).click();
  await until(() => document.querySelector('[data-testid=slide][aria-current] [data-testid=like]').getAttribute('aria-pressed') === 'true');
  await (await page.waitForSelector(`${slide}${sign('comments')}`)).click();
  await (await there('comment-input')).type('from a fox');
  await click('comment-send');
  await until(() => /^\d+$/.test(document.querySelector('[data-testid=comment]')?.dataset.commentId));
});

test('profile, messages, publishing and settings pages work', async () => {
  for (const [link, sight] of [['nav-me', 'profile'], ['nav-messages', 'page-messages'], ['nav-publish', 'limits'], ['nav-settings', 'page-settings']]) {
    await click(link);
    await there(sight);
  }
  await page.screenshot({ path: `${shots}/firefox-settings.png` });
});

test('the browser reported no error', () => assert.deepEqual(said, []));
