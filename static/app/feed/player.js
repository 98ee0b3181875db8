// A pool of <video> elements that are reused and never removed from the page: on phones, the
// permission to play with sound belongs to the element.
import { signal } from '@preact/signals';
import { isFetchable, whenReachable } from '../connection.js';
import { t } from '../i18n.js';
import { prefs, setPref } from '../prefs.js';
import { toast } from '../ui/toast.js';

// The previous video, the current one, and the next two.
const POOL_SIZE = 4;
const LOAD_ORDER = [0, 1, 2, -1];
const SKIP_DELAY_MS = 400;
const mod = (n) => ((n % POOL_SIZE) + POOL_SIZE) % POOL_SIZE;

export const playing = signal(false);
export const waiting = signal(false);
export const muted = signal(prefs.sound !== 'on');
// Show "tap for sound": the user has not chosen yet, or the browser blocked sound.
export const soundAsked = signal(prefs.sound === undefined);
// The element of the current video.
export const element = signal(null);

let itemAt = () => undefined;
let index = -1;
let playable = false;
let paused = false;
let onUnplayable = () => {};

const narrow = () => innerWidth * Math.min(devicePixelRatio, 2) <= 810 || navigator.connection?.saveData;
const sourceUrl = (video) => (narrow() && video.play_url_small) || video.play_url;

const videos = Array.from({ length: POOL_SIZE }, (_, slot) => {
  const video = document.createElement('video');
  Object.assign(video, { loop: true, playsInline: true, muted: muted.peek(), preload: 'auto', disableRemotePlayback: true });
  video.className = 'feed-video';
  video.tabIndex = -1;
  video.dataset.testid = 'video';
  video.dataset.slot = slot;
  video.setAttribute('aria-hidden', 'true');
  watch(video);
  return video;
});

// Appends the elements to `parent`. broken(index) is called if a video cannot be played.
export function mountPlayer(parent, unplayable) {
  onUnplayable = unplayable;
  parent.append(...videos);
}

// Starts loading the first video while the page is still being rendered.
export function preloadFirst(item) {
  if (index >= 0 || !item) return;
  itemAt = (at) => (at ? undefined : item);
  assign(0);
}

function watch(video) {
  const mine = (change) => () => video === element.peek() && change();
  const on = (names, handler) => names.split(' ').forEach((name) => video.addEventListener(name, handler));
  on('playing', mine(() => ((playing.value = true), (waiting.value = false))));
  on('pause', mine(() => (playing.value = false)));
  on('waiting', mine(() => (waiting.value = !video.paused)));
  on('canplay', mine(() => ((waiting.value = false), preload())));
  on('loadedmetadata', () => {
    video.dataset.shape = video.videoHeight > video.videoWidth * 1.2 ? 'tall' : 'wide';
  });
  on('error', async () => {
    const { key } = video.dataset;
    const isStill = () => video.hasAttribute('src') && video.dataset.key === key && video.error;
    if (!isStill()) return;
    const there = await isFetchable(video.src);
    if (!isStill()) return;
    if (!there) return connectionLost(video);
    video.dataset.broken = '';
    mine(skip)();
  });
}

let restoring = null;

// The connection failed, not the video: continues at the same position when the server is back.
function connectionLost(video) {
  video.dataset.lost = '';
  if (restoring) return;
  toast(t('error.offline'), 'bad');
  restoring = whenReachable().then(() => {
    restoring = null;
    for (const one of videos) if ('lost' in one.dataset) reload(one);
    start();
  });
}

function reload(video) {
  const at = video.currentTime;
  delete video.dataset.lost;
  video.load();
  if (at > 0) video.addEventListener('loadedmetadata', () => (video.currentTime = at), { once: true });
}

// Skips a broken video after a delay, so that the viewer sees the notice. Not while the feed is hidden.
function skip() {
  const at = index;
  waiting.value = false;
  setTimeout(() => playable && at === index && onUnplayable(at), SKIP_DELAY_MS);
}

// Loads the video of this position into its element.
function assign(at) {
  const item = itemAt(at);
  const video = videos[mod(at)];
  if (!item) return;
  Object.assign(video.dataset, { index: at });
  video.style.top = `${at * 100}%`;
  const src = sourceUrl(item.video.peek());
  if (video.dataset.key === String(item.key) && (video === element.peek() || video.dataset.of === src)) return;
  const { cover_url: cover } = item.video.peek();
  delete video.dataset.broken;
  delete video.dataset.lost;
  delete video.dataset.shape;
  Object.assign(video.dataset, { key: item.key, videoId: item.id, of: src });
  video.poster = cover;
  video.src = src;
}

// Loads the neighbours; called once the current video can play.
function preload() {
  LOAD_ORDER.forEach((offset) => assign(index + offset));
}

// Plays position `at` of a list; get(at) returns its items.
export function playAt(get, at) {
  itemAt = get;
  if (at === index && videos[mod(at)].dataset.key === String(get(at).key)) return;
  const before = element.peek();
  index = at;
  paused = false;
  assign(at);
  const video = videos[mod(at)];
  if (before && before !== video) {
    before.pause();
    before.removeAttribute('data-current');
  }
  element.value = video;
  video.dataset.current = '';
  if (video.currentTime > 0) video.currentTime = 0;
  waiting.value = video.readyState < 3 && !('broken' in video.dataset);
  if (video.readyState >= 3) preload();
  if ('broken' in video.dataset) skip();
  else start();
}

// Stops and resets all elements, before another list.
export function resetPlayer() {
  index = -1;
  for (const video of videos) {
    video.pause();
    delete video.dataset.key;
    video.removeAttribute('data-current');
  }
  element.value = null;
  playing.value = false;
}

async function start() {
  const video = element.peek();
  if (!video || !playable || paused) return;
  try {
    await video.play();
  } catch (error) {
    if (error.name !== 'NotAllowedError') return;
    if (video.muted) {
      playing.value = false;
      return;
    }
    mute(true);
    soundAsked.value = true;
    unmuteOnGesture();
    start();
  }
}

// Allows or forbids playback: the feed may be hidden, or the tab in the background.
export function setPlayable(yes) {
  playable = yes;
  if (!yes) element.peek()?.pause();
  else if ('broken' in (element.peek()?.dataset ?? {})) skip();
  else start();
}

export function togglePause() {
  const video = element.peek();
  if (!video) return;
  paused = !video.paused;
  if (paused) video.pause();
  else start();
}

function mute(silent) {
  muted.value = silent;
  for (const video of videos) video.muted = silent;
}

// Must be called in a user gesture. Starts each element once within it, because phones require a
// gesture per element for playback with sound.
export function setSound(on) {
  setPref('sound', on ? 'on' : 'off');
  soundAsked.value = false;
  mute(!on);
  if (!on) return;
  for (const video of videos) {
    if (video === element.peek() || !video.hasAttribute('src')) continue;
    video.play().catch(() => {});
    video.pause();
  }
  start();
}

// Browsers require a gesture before playback with sound, on each page load. If the user has turned sound
// on before, the next gesture anywhere restores it, except on controls, which have their own meaning.
function unmuteOnGesture() {
  const gestures = ['pointerup', 'touchend', 'keydown'];
  const made = (event) => {
    if (event.key === 'Escape' || event.key?.toLowerCase() === 'm' || event.target.closest?.('button, a, input, dialog')) return;
    for (const name of gestures) removeEventListener(name, made);
    if (prefs.sound === 'on' && muted.peek()) setSound(true);
  };
  for (const name of gestures) addEventListener(name, made);
}

// Seeks relative to the current position, within the video.
export function seekBy(seconds) {
  const video = element.peek();
  if (video?.duration) video.currentTime = Math.min(Math.max(video.currentTime + seconds, 0), video.duration - 0.1);
}
