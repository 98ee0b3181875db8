// looks.mjs: appearance and accessibility of every page and drawer: screenshots, axe-core, no overflow from
// 320 px to 4K, keyboard navigation.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violations } from './axe.mjs';
import { at, befriend, clips, here, newcomer, nothingSaid, post, publish, shots, unique, until, visitor } from './lib.mjs';

const [ann, bob, cat] = [await newcomer('小满-ann'), await newcomer('bob'), await newcomer('cat')];
await befriend(ann, bob);
await befriend(ann, cat);
await post('/message/action/', { to_user_id: ann.id, action_type: 1, content: 'See you tomorrow? 明天见！' }, bob.token);
await post('/message/action/', { to_user_id: bob.id, action_type: 1, content: '好的' }, ann.token);
await post('/message/action/', { to_user_id: ann.id, action_type: 1, content: 'With a very long word: ' + 'abcdefghij'.repeat(12) }, bob.token);
const video = await publish(ann, unique('A title that is rather long, with many words, so that it needs more than one line 很长的标题'));
for (const one of [ann, bob]) await post('/favorite/action/', { video_id: video, action_type: 1 }, one.token);
for (const text of ['So calming', '太好看了！'.repeat(20), 'abcdefghij'.repeat(20)])
  await post('/comment/action/', { video_id: video, action_type: 1, comment_text: text }, bob.token);
await post('/comment/action/', { video_id: video, action_type: 1, comment_text: 'Mine' }, ann.token);

const feedReady = (page) => here(page, 'like').waitFor();
const open = (path, testid) => async (page) => {
  await page.goto(path);
  await at(page, testid).first().waitFor();
};

// How to open each scene. Those of `stranger` are anonymous.
const scenes = {
  feed: async (page) => {
    await page.goto(`/u/${ann.id}/v/${video}`);
    await feedReady(page);
    await page.waitForFunction(() => document.querySelector('video[data-current]')?.currentTime > 0);
  },
  comments: async (page) => {
    await scenes.feed(page);
    await here(page, 'comments').click();
    await at(page, 'comment').nth(3).waitFor();
  },
  settings: open('/settings', 'logout'),
  messages: open('/messages', 'friend'),
  conversation: open(`/messages/${bob.id}`, 'message'),
  profile: open(`/u/${bob.id}`, 'profile-message'),
  own: open(`/u/${ann.id}`, 'work'),
  likes: open(`/u/${ann.id}/likes`, 'work'),
  following: open(`/u/${ann.id}/following`, 'person'),
  friends: open(`/u/${ann.id}/friends`, 'person'),
  publish: open('/publish', 'limits'),
  compose: async (page) => {
    await page.goto('/publish');
    await at(page, 'file').setInputFiles(`${clips}/tall.mp4`);
    await at(page, 'cover').fill('2');
    await until(() => at(page, 'cover-picture').evaluate((one) => one.readyState >= 2 && !one.seeking), Boolean, 'the cover');
  },
  camera: async (page) => {
    await page.goto('/publish');
    await at(page, 'camera-open').click();
    await at(page, 'camera-problem').waitFor();
  },
  missing: open('/u/1/nothing', 'empty'),
};
const strangers = {
  login: async (page) => {
    await page.goto('/');
    await feedReady(page);
    await here(page, 'like').click();
    await at(page, 'login').waitFor();
  },
  register: async (page) => {
    await strangers.login(page);
    await at(page, 'other').click();
  },
  'not-logged-in': open('/publish', 'need-login'),
  offline: async (page) => void await page.goto('/offline.html'),
};

// Waits for images and for the end of animations before a screenshot.
const calm = (page) => page.evaluate(async () => {
  await document.fonts.ready;
  const inSight = [...document.images].filter((one) => one.checkVisibility() && one.getBoundingClientRect().top < innerHeight);
  await Promise.all(inSight.map((one) => one.decode().catch(() => {})));
  await Promise.all(document.getAnimations().filter((one) => one.effect.getComputedTiming().iterations === 1).map((one) => one.finished.catch(() => {})));
});

// Elements beyond the left or right edge of the screen.
const beyond = (page) => page.evaluate(() => {
  const found = document.scrollingElement.scrollWidth > innerWidth ? [`the page is ${document.scrollingElement.scrollWidth} wide`] : [];
  for (const one of document.querySelectorAll('a, button, input, textarea, video[data-current], h1, h2, p, li, img, .page, .layer')) {
    if (!one.checkVisibility() || one.matches('.skip, .unseen, .unseen *') || one.closest('[inert]')) continue;
    const { left, right, width } = one.getBoundingClientRect();
    if (width && (left < -1 || right > innerWidth + 1)) found.push(`${one.tagName} .${one.className} ${one.dataset.testid ?? ''} ${left}..${right}`);
    if (one.matches('.page, .layer') && one.scrollWidth > one.clientWidth) found.push(`.${one.className} scrolls to the side`);
  }
  return found;
});

async function judge(page, name, { picture = true, axe = true } = {}) {
  await calm(page);
  if (picture) await page.screenshot({ path: `${shots}/${name}.png` });
  assert.deepEqual(await beyond(page), [], name);
  if (axe) assert.deepEqual((await violations(page)).filter((one) => /^(serious|critical)/.test(one)), [], name);
}

// Checks all scenes (or those of `only`) in one size and language; reports all findings.
async function tour(size, lang, { only, ...options } = {}) {
  const wrong = [];
  for (const [as, some] of [[ann, scenes], [undefined, strangers]]) {
    const page = await visitor({ as, size, lang });
    for (const [name, arrive] of Object.entries(some).filter(([one]) => !only || only.includes(one))) {
      try {
        await arrive(page);
        await judge(page, `${size}-${name}`, options);
      } catch (error) {
        wrong.push(`${name}: ${error.message}`);
      }
    }
    await page.context().close();
  }
  assert.deepEqual(wrong, []);
}

test('on a phone in Chinese pages pass axe-core and stay within the edges', () => tour('phone', 'zh'));
test('on a desktop in English pages pass axe-core and stay within the edges', () => tour('desktop', 'en'));
test('nothing overflows at 320 pixels', () => tour('small', 'en', { axe: false, picture: false }));
test('nothing overflows at 3840 pixels', () => tour('huge', 'zh', { axe: false, picture: false,
  only: ['comments', 'conversation', 'own', 'publish', 'login'] }));

test('the publish button is visible on the smallest screen', async () => {
  for (const size of ['phone', 'small']) {
    const page = await visitor({ as: ann, size });
    await scenes.compose(page);
    await page.evaluate(() => document.querySelector('.page').scrollTo(0, 0));
    const covered = await at(page, 'publish-send').evaluate((button) => {
      const { left, top, right, bottom } = button.getBoundingClientRect();
      const x = (left + right) / 2;
      return [[x, top + 1], [x, bottom - 1], [left + 4, (top + bottom) / 2], [right - 4, (top + bottom) / 2]]
        .filter((point) => !button.contains(document.elementFromPoint(...point)));
    });
    assert.deepEqual(covered, [], size);
    await page.context().close();
  }
});

test('plural forms and empty bios are localized', async () => {
  for (const [lang, figure, silence] of [['en', '1 Follower', 'No introduction yet.'], ['zh', '1 粉丝', '这个人很懒，什么都没有留下']]) {
    const page = await visitor({ lang });
    await page.goto(`/u/${bob.id}`);
    await until(() => at(page, 'to-followers').textContent().then((text) => text.trim()), (text) => text === figure, figure);
    assert.equal((await at(page, 'profile-signature').textContent()).trim(), silence);
    await page.goto(`/u/${ann.id}/following`);
    assert.equal((await page.locator('.person-signature').first().textContent()).trim(), silence);
    await page.context().close();
  }
});

test('a very long name does not cover the buttons', async () => {
  const page = await visitor({ size: 'small' });
  await page.route('**/douyin/feed/**', async (route) => {
    const reply = await (await route.fetch()).json();
    for (const one of reply.video_list) one.author.name = 'W'.repeat(32);
    await route.fulfill({ json: reply });
  });
  await page.goto('/');
  await feedReady(page);
  const [name, rail] = await page.locator('[data-testid=slide][aria-current]').evaluate((slide) =>
    [slide.querySelector('.caption-author').getBoundingClientRect().right, slide.querySelector('.rail').getBoundingClientRect().left]);
  assert.ok(name <= rail, `${name} ${rail}`);
  await page.context().close();
});

test('a missing user or video is explained and shows nothing of the page before', async () => {
  const page = await visitor({ as: bob });
  for (const path of ['/u/999999999', '/messages/999999999']) {
    await page.goto(path);
    await at(page, 'empty').filter({ hasText: 'This user does not exist.' }).waitFor();
  }
  assert.equal(await at(page, 'message-input').count(), 0);
  await page.goto(`/messages/${bob.id}`);
  await at(page, 'empty').filter({ hasText: 'Choose a conversation' }).waitFor();
  await page.goto(`/u/${bob.id}/v/999999999`);
  await at(page, 'empty').filter({ hasText: 'There are no videos yet.' }).waitFor();
  await until(() => page.evaluate(() => document.querySelectorAll('video[data-key]').length), (n) => n === 0, 'no video');
  await page.context().close();
});

test('right-to-left text is rendered so', async () => {
  const page = await visitor({ as: ann, lang: 'en' });
  await post('/message/action/', { to_user_id: ann.id, action_type: 1, content: 'שלום עולם!' }, cat.token);
  await page.goto(`/messages/${cat.id}`);
  await at(page, 'message-text').first().waitFor();
  // The mark at the end is at the left of all.
  const [first, last] = await at(page, 'message-text').first().evaluate((one) => [0, one.textContent.length - 1].map((at) => {
    const range = new Range();
    range.setStart(one.firstChild, at);
    range.setEnd(one.firstChild, at + 1);
    return range.getBoundingClientRect().left;
  }));
  assert.ok(last < first, `${first} ${last}`);
  await page.context().close();
});

test('the language is the browser\'s until another is chosen and remembered', async () => {
  const page = await visitor({ lang: 'zh' });
  await page.goto('/settings');
  const shown = () => page.evaluate(() => [document.documentElement.lang, document.querySelector('.page h1')?.textContent].join());
  await until(shown, (now) => now === 'zh-CN,设置', 'Chinese');
  await at(page, 'language').click();
  await until(shown, (now) => now === 'en,Settings', 'English');
  await page.reload();
  await until(shown, (now) => now === 'en,Settings', 'English');
  await page.context().close();
});

const focused = (page) => page.evaluate(() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const style = getComputedStyle(one);
  const { left, top, right, bottom, width, height } = one.getBoundingClientRect();
  // A <video> has several focus stops of its own, which the browser marks.
  const again = one.dataset.reached === 'before';
  for (const other of document.querySelectorAll('[data-reached]')) other.dataset.reached = 'before';
  one.dataset.reached = 'now';
  return { again, what: `${one.tagName} ${one.dataset.testid ?? one.className} ${one.textContent.trim().slice(0, 30)}`,
    marked: one.controls || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1),
    inSight: width > 0 && height > 0 && right > 0 && bottom > 0 && left < innerWidth && top < innerHeight };
});

// Presses Tab until the focus comes around; reports controls not reached and invisible focus.
async function walk(page) {
  const bad = [];
  await calm(page);
  for (let n = 0; n < 80; n++) {
    await page.keyboard.press('Tab');
    const now = await focused(page);
    if (now?.again) break;
    if (now && !(now.marked && now.inSight)) bad.push(now);
  }
  const missed = await page.evaluate(() => [...document.querySelectorAll('a[href], button, input:not([hidden]), textarea, select, [tabindex="0"]')]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled && !one.closest('[inert]') && one.tabIndex >= 0 && !('reached' in one.dataset) &&
      !(one.type === 'radio' && document.querySelector(`[name=${one.name}][data-reached]`)) && (!document.querySelector('dialog:modal') || one.closest('dialog:modal')))
    .map((one) => one.dataset.testid ?? one.outerHTML.slice(0, 80)));
  return { bad, missed };
}

test('Tab reaches every control with a visible focus', async () => {
  const page = await visitor({ as: ann });
  for (const name of ['feed', 'settings', 'messages', 'conversation', 'own', 'publish', 'compose']) {
    await scenes[name](page);
    assert.deepEqual(await walk(page), { bad: [], missed: [] }, name);
  }
  await page.context().close();
});

test('Escape closes drawers and dialogs and restores the focus', async () => {
  for (const size of ['desktop', 'phone']) {
    const page = await visitor({ size });
    await page.goto(`/u/${ann.id}/v/${video}`);
    for (const [button, layer] of [['comments', 'comments-drawer'], ['like', 'login']]) {
      await here(page, button).focus();
      await page.keyboard.press('Enter');
      await at(page, layer).waitFor();
      await until(() => page.evaluate(() => Boolean(document.activeElement.closest('dialog'))), Boolean, 'the focus is in it');
      assert.deepEqual(await walk(page).then(({ bad }) => bad), []);
      await at(page, layer).locator('input, textarea').first().focus();
      await page.keyboard.press('Escape');
      await at(page, layer).waitFor({ state: 'detached' });
      await until(() => here(page, button).evaluate((one) => document.activeElement === one), Boolean, 'the focus is back');
    }
    await page.context().close();
  }
});

test('going back closes a drawer first and then leaves the page', async () => {
  const page = await visitor({ size: 'phone' });
  await page.goto(`/u/${ann.id}/v/${video}`);
  await here(page, 'comments').tap();
  await at(page, 'comments-drawer').waitFor();
  await page.goBack();
  await at(page, 'comments-drawer').waitFor({ state: 'detached' });
  assert.equal(new URL(page.url()).pathname, `/u/${ann.id}/v/${video}`);
  await page.context().close();
});

test('prefers-reduced-motion stops all animations', async () => {
  const page = await visitor({ as: bob, reducedMotion: 'reduce' });
  await scenes.comments(page);
  const moving = await page.evaluate(() => document.getAnimations().filter((one) => one.effect.getComputedTiming().duration > 100)
    .map((one) => `${one.animationName ?? one.transitionProperty} of .${one.effect.target.className}`));
  assert.deepEqual(moving, []);
  await page.context().close();
});

nothingSaid();
