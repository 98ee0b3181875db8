// account.mjs: registration, login, logout, and tokens that expire during an action.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, at, expired, here, logIn, newcomer, nothingSaid, onlyText, PASSWORD, post, unique, until, visitor } from './lib.mjs';

const session = (page) => page.evaluate(() => JSON.parse(localStorage.getItem('dousheng.session')));
const pressed = (page, testid) => here(page, testid).getAttribute('aria-pressed');
const name = unique('<img src onerror=__xss=1>');
const page = await visitor();
await page.goto('/');

test('registration returns to the page where it started', async () => {
  await at(page, 'nav-login').click();
  await logIn(page, name, undefined, 'register');
  await at(page, 'nav-me').waitFor();
  assert.equal((await session(page)).name, name);
  assert.equal(await page.evaluate(() => location.pathname), '/');
});

test('the login survives a reload', async () => {
  await page.reload();
  await at(page, 'nav-me').click();
  await page.getByRole('heading', { name }).waitFor();
});

test('the token appears in no URL', async () => {
  const { token } = await session(page);
  assert.ok(token.length > 20);
  const addresses = await page.evaluate(() => [location.href, ...performance.getEntriesByType('resource').map((one) => one.name)]);
  assert.ok(addresses.length > 5);
  assert.deepEqual(addresses.filter((url) => url.includes(token)), []);
});

test('a logout in one tab is seen in the other', async () => {
  const tab = await page.context().newPage();
  await tab.goto('/settings');
  await at(tab, 'logout').click();
  await at(page, 'nav-login').waitFor();
  assert.equal(await session(page), null);
  await tab.close();
});

test('a wrong password is reported and the right one accepted', async () => {
  await at(page, 'nav-login').click();
  await at(page, 'username').fill(name);
  await at(page, 'password').fill('wrong');
  await at(page, 'submit').click();
  await at(page, 'login-error').filter({ hasText: 'Wrong name or password.' }).waitFor();
  await logIn(page, name);
  await at(page, 'nav-me').waitFor();
});

test('an anonymous like asks for a login and is then sent', async () => {
  const one = await newcomer('dora');
  const stranger = await visitor({ size: 'phone' });
  await stranger.goto('/');
  await here(stranger, 'like').tap();
  await logIn(stranger, one.name);
  await until(() => pressed(stranger, 'like'), (now) => now === 'true', 'the like');
  await stranger.reload();
  await until(() => pressed(stranger, 'like'), (now) => now === 'true', 'the like after a reload');
  await stranger.context().close();
});

test('closing the login dialog cancels the action', async () => {
  const stranger = await visitor();
  await stranger.goto('/');
  await here(stranger, 'like').click();
  await at(stranger, 'login').waitFor();
  await stranger.keyboard.press('Escape');
  await at(stranger, 'login').waitFor({ state: 'detached' });
  assert.equal(await pressed(stranger, 'like'), 'false');
  await stranger.context().close();
});

// The token of another tab, which this one adopts.
async function replaced(victim, one, token) {
  const other = await victim.context().newPage();
  await other.goto('/docs');
  await other.evaluate((value) => localStorage.setItem('dousheng.session', value), JSON.stringify({ ...one, token }));
  await other.close();
  await until(() => session(victim), (now) => now.token === token, 'the other token');
}

// The token ends while the page is open: end(victim, one).
async function ends(how, end) {
  const one = await newcomer('erik');
  const victim = await visitor({ as: one, may: [/status 401/, /console error: Failed to load resource: .* 401/] });
  await victim.goto('/');
  await at(victim, 'nav-me').waitFor();
  await until(() => victim.evaluate(() => performance.getEntriesByType('resource').some((entry) => entry.name.includes('/douyin/user/'))), Boolean, 'the session is looked at');
  await end(victim, one);
  await here(victim, 'comments').click();
  await at(victim, 'comment-input').fill(`written when it was ${how}`);
  await at(victim, 'comment-send').click();
  await logIn(victim, one.name);
  await at(victim, 'comment-text').filter({ hasText: `written when it was ${how}` }).waitFor();
  await until(() => at(victim, 'comment').first().getAttribute('data-comment-id'), (id) => /^\d+$/.test(id), 'the server has it');
  await victim.context().close();
}

test('an expired token asks for a login, and the comment is then sent', () =>
  ends('expired', (victim, one) => replaced(victim, one, expired(one.id))));
test('an invalid token asks for a login, and the comment is then sent', () =>
  ends('refused', (victim, one) => replaced(victim, one, `${one.token.slice(0, -4)}AAAA`)));
test('a revoked token asks for a login, and the comment is then sent', () =>
  ends('revoked', (victim, one) => post('/user/logout/', {}, one.token)));

test('a page opened with an expired token says so', async () => {
  const one = await newcomer('fay');
  const late = await visitor({ as: { ...one, token: expired(one.id) }, may: [/status 401/, /console error: Failed to load resource: .* 401/] });
  await late.goto('/');
  await at(late, 'notice').filter({ hasText: 'has expired' }).getByRole('button').first().click();
  await logIn(late, one.name);
  await at(late, 'nav-me').waitFor();
  await late.context().close();
});

const works = (token) => api('/relation/friend/list/', {}, { token }).then(() => true, () => false);

test('logout ends this device, logout everywhere ends all devices', async () => {
  const one = await newcomer('gus');
  const { token: elsewhere } = await post('/user/login/', { username: one.name, password: PASSWORD });
  const here = await visitor({ as: one });
  await here.goto('/settings');
  await at(here, 'logout').click();
  await at(here, 'nav-login').waitFor();
  assert.deepEqual([await works(one.token), await works(elsewhere)], [true, true]);
  await at(here, 'nav-login').click();
  await logIn(here, one.name);
  await here.goto('/settings');
  await at(here, 'logout-all').click();
  await at(here, 'notice').filter({ hasText: 'on all devices' }).waitFor();
  assert.equal(await session(here), null);
  assert.deepEqual([await works(one.token), await works(elsewhere)], [false, false]);
  await here.context().close();
});

test('a failed logout everywhere is reported and keeps the login', async () => {
  const one = await newcomer('hal');
  const page = await visitor({ as: one, may: [/net::ERR_INTERNET_DISCONNECTED/] });
  await page.goto('/settings');
  await at(page, 'logout-all').waitFor();
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.context().setOffline(true);
  await at(page, 'logout-all').click();
  await at(page, 'logout-error').filter({ hasText: 'may still be logged in' }).waitFor();
  assert.equal((await session(page)).token, one.token);
  await page.context().setOffline(false);
  assert.equal(await works(one.token), true);
  await at(page, 'logout-all').click();
  await at(page, 'nav-login').waitFor();
  assert.equal(await works(one.token), false);
  await page.context().close();
});

test('a new password logs out other devices and keeps both tabs', async () => {
  const one = await newcomer('ida');
  const { token: elsewhere } = await post('/user/login/', { username: one.name, password: PASSWORD });
  const page = await visitor({ as: one });
  const next = await page.context().newPage();
  await next.goto('/messages');
  await page.goto('/settings');
  await at(page, 'password-open').click();
  await at(page, 'old-password').fill('not this one');
  await at(page, 'new-password').fill(`${PASSWORD}-2`);
  await at(page, 'password-send').click();
  await at(page, 'password-error').filter({ hasText: 'The current password is wrong.' }).waitFor();
  await at(page, 'old-password').fill(PASSWORD);
  await at(page, 'password-send').click();
  await at(page, 'password-dialog').waitFor({ state: 'detached' });
  const { token } = await session(page);
  assert.notEqual(token, one.token);
  assert.deepEqual([await works(token), await works(one.token), await works(elsewhere)], [true, false, false]);
  await post('/user/login/', { username: one.name, password: `${PASSWORD}-2` });
  const answer = next.waitForResponse((response) => response.url().includes('/relation/friend/list/') && response.request().headers().authorization === `Bearer ${token}`);
  assert.equal((await answer.then((response) => response.json())).status_code, 0);
  assert.equal(await at(next, 'login').count(), 0);
  await page.context().close();
});

test('names are rendered as text', async () => {
  await page.goto('/settings');
  await page.getByText(`Logged in as ${name}.`).waitFor();
  await onlyText(page);
});

nothingSaid();
