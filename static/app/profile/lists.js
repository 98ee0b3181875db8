// The lists of a profile, cached so that going back shows them unchanged.
import { get } from '../api.js';
import { session } from '../session.js';
import { keepUser, keepVideo, now } from '../store.js';
import { Paged } from '../ui/paged.js';

const PAGE = 30;
const KEPT = 12;

const people = (path, login) => async (user, cursor) => {
  const asked = now();
  const reply = await get(path, { user_id: user, count: PAGE, cursor: cursor || undefined }, { login });
  return { items: reply.user_list.map((one) => ({ ...one, kept: keepUser(one, asked) })), next: reply.next_cursor };
};

const videos = (path) => async (user, cursor) => {
  const asked = now();
  const reply = await get(path, { user_id: user, count: PAGE, cursor: cursor || undefined });
  return { items: reply.video_list.map((one) => ({ ...one, kept: keepVideo(one, asked) })), next: reply.next_cursor };
};

const fetchers = {
  works: videos('/publish/list/'),
  likes: videos('/favorite/list/'),
  following: people('/relation/follow/list/'),
  followers: people('/relation/follower/list/'),
  friends: people('/relation/friend/list/', 'ask'),
};

const kept = new Map();

// Cached per viewer: an author's own list also has unfinished works.
export function listOf(name, user) {
  const key = `${session.peek().id} ${name} ${user}`;
  const list = kept.get(key) ?? new Paged((cursor) => fetchers[name](user, cursor));
  kept.delete(key);
  kept.set(key, list);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value);
  return list;
}
