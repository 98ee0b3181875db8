// The friends, with the last message of each, and how many are new. The server lists friends
// only; with whom else there is a conversation is known to the browser in which it was read. And
// who writes for the first time is found if they follow the viewer: the newest followers are asked
// for one by one, and seldom, for each costs a request.
import { computed, signal } from '@preact/signals';
import { get } from '../api.js';
import { session } from '../session.js';
import { keepUser, now, userSignal } from '../store.js';
import { seenUntil, talkedWith } from './seen.js';

// So many new messages are counted; more are "9+".
export const MANY = 9;
const COUNTED_AT_ONCE = 20;
// So many conversations with others are shown, and asked for so often.
const OTHERS = 10;
const OTHERS_EVERY = 5000;
// So many followers are looked at.
const FOLLOWERS = 20;
const FOLLOWERS_EVERY = 120000;

// { id, user, message, mine, time }, the last written to first; null before it is known.
const rows = signal(null);
// Of other -> { time, times }: when their latest messages came, after our last answer.
const arrivals = signal(new Map());
let others = { asked: -Infinity, rows: [] };
let strangers = { asked: -Infinity, rows: [] };
let whose = 0;

export const failure = signal(null);

export const friends = computed(() => rows.value?.map((row) => ({ ...row, unread: unread(row) })));

function unread({ id, mine, time }) {
  const seen = seenUntil(id);
  if (mine || !time || time <= seen) return 0;
  const known = arrivals.value.get(id);
  return known ? Math.max(1, known.times.filter((one) => one > seen).length) : 1;
}

const byTime = (a, b) => b.time - a.time;

// patience: how long what is known of followers is good enough, in milliseconds.
export async function refreshInbox(login, patience = FOLLOWERS_EVERY) {
  const viewer = session.peek().id;
  if (viewer !== whose) forget(viewer);
  const asked = now();
  try {
    const { user_list: users } = await get('/relation/friend/list/', {}, { login });
    const listed = users.map((user) => {
      const { message, msgType, msgTime, ...card } = user;
      return { id: user.id, user: keepUser(card, asked), message, mine: msgType === 1, time: msgTime };
    });
    const known = new Set(listed.map((row) => row.id));
    await refreshOthers(viewer, known);
    if (viewer !== session.peek().id) return;
    rows.value = merged(listed);
    failure.value = null;
    if (await refreshStrangers(viewer, known, patience)) rows.value = merged(listed);
  } catch (error) {
    failure.value = error;
    throw error;
  }
  await countArrivals();
}

// Each once; of one that is there twice, the list of friends knows best.
function merged(listed) {
  const all = new Map();
  for (const row of [...strangers.rows, ...others.rows, ...listed]) all.set(row.id, row);
  return [...all.values()].sort(byTime);
}

// Whether it has looked. Those who have not written are no conversation yet.
async function refreshStrangers(viewer, known, patience) {
  if (now() - strangers.asked < patience) return false;
  const asked = now();
  strangers = { ...strangers, asked };
  try {
    const { user_list: users } = await get('/relation/follower/list/', { user_id: viewer, count: FOLLOWERS }, { login: 'quiet' });
    const found = [];
    for (const user of users.filter((one) => !known.has(one.id))) {
      const card = keepUser(user, asked);
      const row = await lastOf(viewer, card.peek().id);
      if (row.time) found.push(row);
    }
    if (viewer !== session.peek().id) return false;
    strangers = { asked, rows: found };
    return true;
  } catch {
    return false;
  }
}

async function refreshOthers(viewer, known) {
  if (now() - others.asked < OTHERS_EVERY) return;
  const ids = talkedWith().filter((id) => !known.has(id)).slice(0, OTHERS);
  others = { asked: now(), rows: await Promise.all(ids.map((id) => lastOf(viewer, id))) };
}

async function lastOf(viewer, id) {
  const asked = now();
  if (!userSignal(id).peek().avatar) keepUser((await get('/user/', { user_id: id })).user, asked);
  const { message_list: [last] } = await get('/message/chat/', { to_user_id: id, count: 1 }, { login: 'quiet' });
  return { id, user: userSignal(id), message: last?.content ?? '', mine: last?.from_user_id === viewer, time: last?.create_time ?? 0 };
}

function forget(viewer) {
  others = { asked: -Infinity, rows: [] };
  strangers = { asked: -Infinity, rows: [] };
  whose = viewer;
  rows.value = null;
  arrivals.value = new Map();
}

// How many there are is asked only where something new has come.
async function countArrivals() {
  const news = rows.peek().filter((row) => !row.mine && row.time > seenUntil(row.id) && arrivals.peek().get(row.id)?.time !== row.time);
  await Promise.all(news.slice(0, COUNTED_AT_ONCE).map(async ({ id, time }) => {
    const { message_list: list } = await get('/message/chat/', { to_user_id: id, count: MANY + 1 }, { login: 'quiet' });
    const answered = list.findLastIndex((one) => one.to_user_id === id);
    const times = list.slice(answered + 1).map((one) => one.create_time);
    arrivals.value = new Map(arrivals.peek()).set(id, { time, times });
  }));
}
