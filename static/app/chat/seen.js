// For each account and conversation, the time up to which messages were seen. Kept in local storage.
import { signal } from '@preact/signals';
import { session } from '../session.js';

const key = (viewer) => `dousheng.seen.${viewer}`;
let viewer = 0;

const times = signal({});

function stored(viewer) {
  try {
    return JSON.parse(localStorage.getItem(key(viewer))) ?? {};
  } catch {
    return {};
  }
}

session.subscribe(({ id }) => {
  if (id === viewer) return;
  viewer = id;
  times.value = id ? stored(id) : {};
});
addEventListener('storage', (event) => {
  if (event.key === key(viewer)) times.value = stored(viewer);
});

// The ids of all users whose conversation was opened in this browser, latest first.
export const openedConversations = () => Object.entries(times.value).sort(([, a], [, b]) => b - a).map(([id]) => Number(id));

export const seenUntil = (other) => times.value[other] ?? 0;

export function markSeen(other, time) {
  if (!viewer || (times.peek()[other] ?? 0) >= time) return;
  times.value = { ...times.peek(), [other]: time };
  try {
    localStorage.setItem(key(viewer), JSON.stringify(times.peek()));
  } catch {
    // Without storage they are unread again after a reload.
  }
}
