// chat.mjs: messages between two users.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, befriend, newcomer, nothingSaid, onlyText, SCRIPT, until, visitor } from './lib.mjs';

const SOON = 2000;
const [ann, bob] = [await newcomer('ann'), await newcomer('bob')];
await befriend(ann, bob);
const phone = await visitor({ as: ann, size: 'phone' });
const desktop = await visitor({ as: bob });

const bubble = (page, text, mine) => page.locator(`[data-testid=message][data-mine=${mine}]`).filter({ hasText: text });

async function write(page, text) {
  await at(page, 'message-input').fill(text);
  await at(page, 'message-input').press('Enter');
}

test('friends find each other in the list', async () => {
  for (const [page, other] of [[phone, bob], [desktop, ann]]) {
    await page.goto('/messages');
    await page.locator(`[data-testid=friend][data-user-id="${other.id}"] a`).click();
    await page.locator(`[data-testid=conversation][data-user-id="${other.id}"]`).waitFor();
  }
});

test('a sent message is shown before the server has it', async () => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await phone.route('**/douyin/message/action/', async (route) => {
    await held;
    await route.continue();
  });
  await write(phone, 'not there yet');
  await bubble(phone, 'not there yet', true).waitFor();
  assert.equal(await bubble(phone, 'not there yet', true).getAttribute('data-state'), 'pending');
  release();
  await phone.locator('[data-testid=message][data-state=sent]').waitFor();
  await phone.unroute('**/douyin/message/action/');
  await bubble(desktop, 'not there yet', false).waitFor();
});

// A busy machine delays some messages; a client that polls too seldom delays most.
test('the recipient sees a message within two seconds', async (context) => {
  const times = [];
  for (let n = 0; n < 6; n++) {
    const [from, to] = n % 2 ? [phone, desktop] : [desktop, phone];
    const begun = performance.now();
    await write(from, `message ${n}`);
    await bubble(to, `message ${n}`, false).waitFor();
    times.push(Math.round(performance.now() - begun));
  }
  context.diagnostic(`ms until the other saw it: ${times.join(' ')}`);
  times.sort((a, b) => a - b);
  assert.ok(times[3] < SOON, `${times}`);
});

test('all messages are shown once in order', async () => {
  const wanted = ['not there yet', ...Array.from({ length: 6 }, (_, n) => `message ${n}`)];
  for (const page of [phone, desktop])
    await until(() => at(page, 'message-text').allTextContents(), (now) => now.join() === wanted.join(), 'the conversation');
  await phone.reload();
  await until(() => at(phone, 'message-text').allTextContents(), (now) => now.join() === wanted.join(), 'the conversation after a reload');
});

test('unread messages are marked until they are read', async () => {
  await phone.goto('/messages');
  const row = phone.locator(`[data-testid=friend][data-user-id="${bob.id}"]`);
  await until(() => row.getAttribute('data-unread'), (n) => n === '0', 'nothing is new');
  await write(desktop, 'one');
  await write(desktop, SCRIPT);
  await until(() => row.getAttribute('data-unread'), (n) => n === '2', 'two are new');
  assert.equal((await row.getByTestId('last-message').textContent()).trim(), SCRIPT);
  await row.getByRole('link').click();
  await bubble(phone, SCRIPT, false).waitFor();
  await onlyText(phone, desktop);
  await at(phone, 'to-friends').click();
  await until(() => row.getAttribute('data-unread'), (n) => n === '0', 'nothing is new');
});

test('messages are rendered as text', async () => {
  await bubble(desktop, SCRIPT, true).waitFor();
  await onlyText(phone, desktop);
});

test('a first message of a follower appears and can be answered', async () => {
  const [cat, dan] = [await newcomer('cat'), await newcomer('dan')];
  const [mine, theirs] = [await visitor({ as: cat, size: 'phone' }), await visitor({ as: dan })];
  await theirs.goto('/messages');
  await at(theirs, 'empty').first().waitFor();
  // From the profile of an unknown user.
  await mine.goto(`/u/${dan.id}`);
  await at(mine, 'profile-message').tap();
  await at(mine, 'unfollowed').filter({ hasText: dan.name }).waitFor();
  await write(mine, 'Hello, stranger!');
  await mine.locator('[data-testid=message][data-state=sent]').waitFor();
  await at(mine, 'unfollowed').getByTestId('follow').tap();
  await at(mine, 'unfollowed').waitFor({ state: 'detached' });
  // The list of followers is cached for a while; a new page loads it at once.
  await theirs.reload();
  const row = theirs.locator(`[data-testid=friend][data-user-id="${cat.id}"]`);
  await row.getByTestId('last-message').filter({ hasText: 'Hello, stranger!' }).waitFor();
  assert.equal(await row.getAttribute('data-unread'), '1');
  await row.getByRole('link').click();
  await write(theirs, 'Hello yourself!');
  await bubble(mine, 'Hello yourself!', false).waitFor();
  for (const page of [mine, theirs]) await page.context().close();
});

test('a message that failed is marked and can be resent', async () => {
  const page = await visitor({ as: bob, may: [/message\/action.*net::ERR_CONNECTION_RESET/, /console error: .*ERR_CONNECTION_RESET/] });
  await page.route('**/douyin/message/action/', (route) => route.abort('connectionreset'), { times: 1 });
  await page.goto(`/messages/${ann.id}`);
  await bubble(page, SCRIPT, true).waitFor();
  await write(page, 'once more');
  await at(page, 'message-retry').click();
  await page.locator('[data-testid=message][data-state=sent]').filter({ hasText: 'once more' }).waitFor();
  await until(() => page.locator('[data-state=failed]').count(), (n) => n === 0, 'nothing has failed');
  assert.equal(await bubble(page, 'once more', true).count(), 1);
  await page.context().close();
});

test('a message found by a poll while it is being sent is shown once', async () => {
  const page = await visitor({ as: bob, may: [/message\/action.*net::ERR_CONNECTION_RESET/, /console error: .*ERR_CONNECTION_RESET/] });
  const look = (url) => url.pathname.endsWith('/message/chat/') && !url.searchParams.has('pre_msg_time');
  let answer, release;
  const answered = new Promise((resolve) => (answer = resolve));
  const released = new Promise((resolve) => (release = resolve));
  await phone.goto(`/messages/${bob.id}`);
  await page.goto(`/messages/${ann.id}`);
  await bubble(page, 'once more', true).waitFor();
  // A message in doubt makes the page load all messages.
  await page.route('**/douyin/message/action/', (route) => route.abort('connectionreset'), { times: 1 });
  const looking = page.waitForRequest((request) => look(new URL(request.url())));
  await page.route(look, async (route) => {
    await released;
    await route.continue();
  }, { times: 1 });
  await write(page, 'in doubt');
  await looking;
  await page.route('**/douyin/message/action/', async (route) => {
    const response = await route.fetch();
    await answered;
    await route.fulfill({ response });
  });
  await write(page, 'on its way');
  await bubble(phone, 'on its way', false).waitFor();
  await write(phone, 'the look is over');
  await bubble(desktop, 'the look is over', false).waitFor();
  release();
  await bubble(page, 'the look is over', false).waitFor();
  assert.equal(await bubble(page, 'on its way', true).count(), 1);
  answer();
  await until(() => page.locator('[data-state=pending]').count(), (n) => n === 0, 'nothing is on its way');
  assert.equal(await bubble(page, 'on its way', true).count(), 1);
  await page.context().close();
});

nothingSaid();
