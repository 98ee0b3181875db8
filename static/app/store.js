// Users and videos, one signal for each id, so that a like or a follow shows wherever its
// video or user is on the screen.
import { signal } from '@preact/signals';
import { isCancelled, post } from './api.js';
import { toast } from './ui/toast.js';

// By id, as long as somebody shows them or has them in a list.
const users = new Map();
const videos = new Map();
const left = new FinalizationRegistry(([map, id]) => map.get(id)?.deref() || map.delete(id));
// Of a video's signal, its author's: who has one has both.
const authors = new WeakMap();
// When something was last changed from here, for answers that were asked for before.
const changes = new WeakMap();

// What only a change from here can have made different from an older answer.
const OURS = ['is_favorite', 'favorite_count', 'is_follow', 'follower_count', 'comment_count'];

const find = (map, id) => map.get(Number(id))?.deref();

function keep(map, value, asked) {
  const known = find(map, value.id);
  if (!known) {
    const fresh = signal(value);
    map.set(value.id, new WeakRef(fresh));
    left.register(fresh, [map, value.id]);
    return fresh;
  }
  const newer = { ...value };
  if ((changes.get(known) ?? -1) >= asked) for (const key of OURS) delete newer[key];
  known.value = { ...known.peek(), ...newer };
  return known;
}

// The signal of this User of a reply, with what is new in it. `asked` is now() of when the reply
// was asked for: if the user was followed since, that stays.
export const keepUser = (user, asked = now()) => keep(users, user, asked);

// The signal of this Video of a reply; its author is kept, too.
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

// Shows the change at once, and takes it back if the server refuses it. An answer that was asked
// for before the server knew of the change does not take it back.
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

// Nobody is logged in any more.
export function forgetViewer() {
  for (const [map, key] of [[videos, 'is_favorite'], [users, 'is_follow']])
    for (const one of [...map.values()].map((ref) => ref.deref())) if (one) one.value = { ...one.peek(), [key]: false };
}
