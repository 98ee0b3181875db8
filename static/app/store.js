// Users and videos, one signal for each id, so that a like or a follow shows wherever its
// video or user is on the screen.
import { signal } from '@preact/signals';
import { isCancelled, post } from './api.js';
import { toast } from './ui/toast.js';

const users = new Map();
const videos = new Map();

function keep(map, value) {
  const known = map.get(value.id);
  if (known) known.value = { ...known.peek(), ...value };
  else map.set(value.id, signal(value));
  return map.get(value.id);
}

// The signal of this User of a reply, with what is new in it.
export const keepUser = (user) => keep(users, user);

// The signal of this Video of a reply; its author is kept, too.
export function keepVideo(video) {
  keepUser(video.author);
  return keep(videos, video);
}

export const userSignal = (id) => users.get(Number(id)) ?? keep(users, { id: Number(id), name: '' });
export const videoSignal = (id) => videos.get(Number(id));

export const patchUser = (id, change) => patch(users, id, change);
export const patchVideo = (id, change) => patch(videos, id, change);

function patch(map, id, change) {
  const one = map.get(Number(id));
  if (one) one.value = { ...one.peek(), ...(typeof change === 'function' ? change(one.peek()) : change) };
}

// Shows the change at once, and takes it back if the server refuses it.
async function optimistic(show, undo, request) {
  show();
  try {
    await request();
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
