// The friends, with the last message of each, and how many are new. The server lists friends
// only; with whom else there is a conversation is known to the browser in which it was read.
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

// { id, message, mine, time }, the last written to first; null before it is known.
const rows = signal(null);
// Of other -> { time, times }: when their latest messages came, after our last answer.
const arrivals = signal(new Map());
let others = { asked: -Infinity, rows: [] };
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

export async function refreshInbox(login) {
  const viewer = session.peek().id;
  if (viewer !== whose) forget(viewer);
  const asked = now();
  try {
    const { user_list: users } = await get('/relation/friend/list/', {}, { login });
    const listed = users.map((user) => {
      const { message, msgType, msgTime, ...card } = user;
      keepUser(card, asked);
      return { id: user.id, message, mine: msgType === 1, time: msgTime };
    });
    const known = new Set(listed.map((row) => row.id));
    await refreshOthers(viewer, known);
    if (viewer !== session.peek().id) return;
    rows.value = [...listed, ...others.rows.filter((row) => !known.has(row.id))].sort(byTime);
    failure.value = null;
  } catch (error) {
    failure.value = error;
    throw error;
  }
  await countArrivals();
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
  return { id, message: last?.content ?? '', mine: last?.from_user_id === viewer, time: last?.create_time ?? 0 };
}

function forget(viewer) {
  others = { asked: -Infinity, rows: [] };
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
