// Users and videos, one signal per id, so that a like or a follow updates every place where the video
// or user is shown.
import { signal } from '@preact/signals';
import { isCancelled, post } from './api.js';
import { toast } from './ui/toast.js';

// By id. Weak references: an entry lives as long as a component or list uses its signal.
const users = new Map();
const videos = new Map();
const collected = new FinalizationRegistry(([map, id]) => map.get(id)?.deref() || map.delete(id));
// Video signal -> author signal: keeps the author as long as the video.
const authors = new WeakMap();
// The time of the last local change, to detect replies that are older.
const changes = new WeakMap();

// Fields that local changes set. A reply to an earlier request must not overwrite them.
const LOCAL_FIELDS = ['is_favorite', 'favorite_count', 'is_follow', 'follower_count', 'comment_count'];

const find = (map, id) => map.get(Number(id))?.deref();

function keep(map, value, asked) {
  const known = find(map, value.id);
  if (!known) {
    const fresh = signal(value);
    map.set(value.id, new WeakRef(fresh));
    collected.register(fresh, [map, value.id]);
    return fresh;
  }
  const newer = { ...value };
  if ((changes.get(known) ?? -1) >= asked) for (const key of LOCAL_FIELDS) delete newer[key];
  known.value = { ...known.peek(), ...newer };
  return known;
}

// Stores a User of a reply and returns its signal. `asked`: now() at the time of the request; local
// changes made since (a follow) are kept.
export const keepUser = (user, asked = now()) => keep(users, user, asked);

// Stores a Video of a reply, and its author, and returns its signal.
export function keepVideo(video, asked = now()) {
  const author = keepUser(video.author, asked);
  const one = keep(videos, video, asked);
  authors.set(one, author);
  return one;
}

export const now = () => performance.now();

export const userSignal = (id) => find(users, id) ?? keep(users, { id: Number(id), name: '' });
export const videoSignal = (id) => find(videos, id);

export const patchUser = (id, change) => patch(users, id, change);
export const patchVideo = (id, change) => patch(videos, id, change);

function patch(map, id, change) {
  const one = find(map, id);
  if (!one) return;
  changes.set(one, now());
  one.value = { ...one.peek(), ...(typeof change === 'function' ? change(one.peek()) : change) };
}

// Shows the change at once, and undoes it if the request fails. It is shown again after the request,
// because a reply sent by the server before the change may have arrived meanwhile.
async function optimistic(show, undo, request) {
  show();
  try {
    await request();
    show();
    return true;
  } catch (error) {
    undo();
    if (!isCancelled(error)) toast(error.message, 'bad');
    return false;
  }
}

export async function setLike(id, liked) {
  const video = videoSignal(id);
  if (!video || video.peek().is_favorite === liked) return true;
  const change = (to) => () => patchVideo(id, (now) => ({
    is_favorite: to,
    favorite_count: Math.max(0, now.favorite_count + (now.is_favorite === to ? 0 : to ? 1 : -1)),
  }));
  return optimistic(change(liked), change(!liked), () =>
    post('/favorite/action/', { video_id: id, action_type: liked ? 1 : 2 }));
}

export async function setFollow(id, follows) {
  const user = userSignal(id);
  if (user.peek().is_follow === follows) return true;
  const change = (to) => () => patchUser(id, (now) => ({
    is_follow: to,
    follower_count: Math.max(0, (now.follower_count ?? 0) + (now.is_follow === to ? 0 : to ? 1 : -1)),
  }));
  return optimistic(change(follows), change(!follows), () =>
    post('/relation/action/', { to_user_id: id, action_type: follows ? 1 : 2 }));
}

// After a logout: clears what depended on the viewer.
export function forgetViewer() {
  for (const [map, key] of [[videos, 'is_favorite'], [users, 'is_follow']])
    for (const one of [...map.values()].map((ref) => ref.deref())) if (one) one.value = { ...one.peek(), [key]: false };
}
