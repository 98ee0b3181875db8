// The inbox: conversations with their last message and the number of unread ones. Three sources:
// the server's list of friends; conversations with others that were opened in this browser (seen.js);
// and the newest followers, for first messages of others. The last needs a request per follower, so it
// is polled rarely.
import { computed, signal } from '@preact/signals';
import { get } from '../api.js';
import { session } from '../session.js';
import { keepUser, now, userSignal } from '../store.js';
import { openedConversations, seenUntil } from './seen.js';

// Above this number of unread messages "9+" is shown.
export const COUNT_MAX = 9;
const COUNT_CONVERSATIONS = 20;
// Conversations with users who are not friends: at most so many, polled at this interval.
const OTHERS_MAX = 10;
const OTHERS_POLL_MS = 5000;
// Followers to look for first messages: at most so many, polled at this interval.
const FOLLOWERS_MAX = 20;
const FOLLOWERS_POLL_MS = 120000;

// { id, user, message, mine, time }, newest message first; null until loaded.
const rows = signal(null);
// User id -> { time, times }: times of their messages since the viewer's last answer.
const arrivals = signal(new Map());
let nonFriends = { asked: -Infinity, rows: [] };
let followers = { asked: -Infinity, rows: [] };
let currentViewer = 0;

export const failure = signal(null);

export const friends = computed(() => rows.value?.map((row) => ({ ...row, unread: unread(row) })));

function unread({ id, mine, time }) {
  const seen = seenUntil(id);
  if (mine || !time || time <= seen) return 0;
  const known = arrivals.value.get(id);
  return known ? Math.max(1, known.times.filter((one) => one > seen).length) : 1;
}

const byTime = (a, b) => b.time - a.time;

// maxAge: of the followers' messages, in milliseconds; older ones are polled again.
export async function refreshInbox(login, maxAge = FOLLOWERS_POLL_MS) {
  const viewer = session.peek().id;
  if (viewer !== currentViewer) reset(viewer);
  const asked = now();
  try {
    const { user_list: users } = await get('/relation/friend/list/', {}, { login });
    const listed = users.map((user) => {
      const { message, msgType, msgTime, ...card } = user;
      return { id: user.id, user: keepUser(card, asked), message, mine: msgType === 1, time: msgTime };
    });
    const known = new Set(listed.map((row) => row.id));
    await refreshNonFriends(viewer, known);
    if (viewer !== session.peek().id) return;
    rows.value = merged(listed);
    failure.value = null;
    if (await refreshFollowers(viewer, known, maxAge)) rows.value = merged(listed);
  } catch (error) {
    failure.value = error;
    throw error;
  }
  await countArrivals();
}

// Each user once. Rows of the friends list replace those from other sources.
function merged(listed) {
  const all = new Map();
  for (const row of [...followers.rows, ...nonFriends.rows, ...listed]) all.set(row.id, row);
  return [...all.values()].sort(byTime);
}

// True if it was polled. Followers who have not written are left out.
async function refreshFollowers(viewer, known, maxAge) {
  if (now() - followers.asked < maxAge) return false;
  const asked = now();
  followers = { ...followers, asked };
  try {
    const { user_list: users } = await get('/relation/follower/list/', { user_id: viewer, count: FOLLOWERS_MAX }, { login: 'quiet' });
    const found = [];
    for (const user of users.filter((one) => !known.has(one.id))) {
      const card = keepUser(user, asked);
      const row = await conversationWith(viewer, card.peek().id);
      if (row.time) found.push(row);
    }
    if (viewer !== session.peek().id) return false;
    followers = { asked, rows: found };
    return true;
  } catch {
    return false;
  }
}

async function refreshNonFriends(viewer, known) {
  if (now() - nonFriends.asked < OTHERS_POLL_MS) return;
  const ids = openedConversations().filter((id) => !known.has(id)).slice(0, OTHERS_MAX);
  nonFriends = { asked: now(), rows: await Promise.all(ids.map((id) => conversationWith(viewer, id))) };
}

async function conversationWith(viewer, id) {
  const asked = now();
  if (!userSignal(id).peek().avatar) keepUser((await get('/user/', { user_id: id })).user, asked);
  const { message_list: [last] } = await get('/message/chat/', { to_user_id: id, count: 1 }, { login: 'quiet' });
  return { id, user: userSignal(id), message: last?.content ?? '', mine: last?.from_user_id === viewer, time: last?.create_time ?? 0 };
}

function reset(viewer) {
  nonFriends = { asked: -Infinity, rows: [] };
  followers = { asked: -Infinity, rows: [] };
  currentViewer = viewer;
  rows.value = null;
  arrivals.value = new Map();
}

// Counts unread messages, only in conversations with a new one.
async function countArrivals() {
  const news = rows.peek().filter((row) => !row.mine && row.time > seenUntil(row.id) && arrivals.peek().get(row.id)?.time !== row.time);
  await Promise.all(news.slice(0, COUNT_CONVERSATIONS).map(async ({ id, time }) => {
    const { message_list: list } = await get('/message/chat/', { to_user_id: id, count: COUNT_MAX + 1 }, { login: 'quiet' });
    const answered = list.findLastIndex((one) => one.to_user_id === id);
    const times = list.slice(answered + 1).map((one) => one.create_time);
    arrivals.value = new Map(arrivals.peek()).set(id, { time, times });
  }));
}
