// The vertical feed: a scroll container with snap points, in which one gesture moves by one video.
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { batch, signal } from '@preact/signals';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { Link, navigate, page } from '../router.js';
import { isAvailable } from '../routes.js';
import { Icon } from '../ui/icon.js';
import { reducedMotion } from '../ui/media.js';
import { Empty, Failure, Spinner } from '../ui/parts.js';
import { usePoll } from '../ui/poll.js';
import { toast } from '../ui/toast.js';
import { feedKeys } from './keys.js';
import { mountPlayer, playAt, playing, resetPlayer, setPlayable } from './player.js';
import { describe, Slide } from './slide.js';
import { source } from './source.js';
import { currentVideo, index } from './state.js';
import { watchSwipes } from './swipe.js';
import { wheelGestures } from './wheel.js';

// Slides rendered on each side of the current one.
const MARGIN = 3;
// Snapping after a swipe has finished by then.
const SETTLE_MS = 800;
// Interval of the check for new videos, and the minimum absence after which a return checks at once.
const CHECK_EVERY_MS = 60000;
const AWAY_MS = 5000;

const current = signal(source('feed'));

let scroller = null;
// The position that a programmatic scroll is heading for, or -1.
let scrollTarget = -1;
// The position at the start of a touch, or -1.
let touchStart = -1;
let settleTimer = 0;
let direction = 1;
// Consecutive videos that could not be played.
let failures = 0;
playing.subscribe((yes) => yes && (failures = 0));

const height = () => scroller.clientHeight || 1;

function scrollToPosition(at, smooth) {
  scrollTarget = smooth && !reducedMotion.peek() ? at : -1;
  scroller.scrollTo({ top: at * height(), behavior: scrollTarget < 0 ? 'instant' : 'smooth' });
}

// Makes `at` the current position.
function setPosition(at) {
  const from = current.peek();
  const item = from.get(at);
  if (!item) return;
  if (at !== index.peek()) direction = Math.sign(at - index.peek());
  batch(() => {
    index.value = at;
    currentVideo.value = item.video;
  });
  from.setIndex(at);
  playAt(from.get, at);
  if (from.starts.delete(at)) toast(t('feed.again'));
  if (page.peek().name !== 'feed' && !page.peek().load)
    history.replaceState(history.state, '', page.peek().path.replace(/\d+$/, item.id));
}

// Moves to the next (1) or previous (-1) video.
export function step(by) {
  const at = index.peek() + by;
  if (!current.peek().get(at)) return;
  setPosition(at);
  scrollToPosition(at, true);
}

// Moves without animation. If a smooth scroll is still running, settled() corrects its result.
function jump(at) {
  setPosition(at);
  scrollToPosition(at, false);
  scrollTarget = at;
  clearTimeout(settleTimer);
  settleTimer = setTimeout(settled, SETTLE_MS);
}

// Moves to the first loaded video.
const jumpToFirst = () => jump(current.peek().base);

// Reloads the feed and moves to its newest video.
export async function reloadFeed() {
  const from = source('feed');
  try {
    await from.reload();
  } catch (error) {
    return toast(error.message, 'bad');
  }
  if (current.peek() === from) jump(0);
}

// The video at this position cannot be played: moves on in the last direction.
function skipUnplayable(at) {
  if (at !== index.peek()) return;
  const from = current.peek();
  if (++failures > new Set(from.items.peek().map((item) => item.id)).size) return toast(t('feed.allBroken'), 'bad');
  toast(t('feed.broken'), 'bad');
  if (!from.get(at + direction)) direction = -direction;
  step(direction);
}

// During a touch or a programmatic scroll the position is not updated before its end.
function scrolled() {
  if (!scroller.clientHeight || touchStart >= 0) return;
  if (scrollTarget >= 0 && Math.abs(scroller.scrollTop - scrollTarget * height()) < 2) scrollTarget = -1;
  if (scrollTarget >= 0) return;
  const at = Math.round(scroller.scrollTop / height());
  if (at !== index.peek()) setPosition(at);
}

// At the end of a scroll: if the browser's snapping interrupted a programmatic scroll, repeats it.
function settled() {
  if (touchStart >= 0) return;
  const to = scrollTarget;
  scrollTarget = -1;
  if (to >= 0 && Math.abs(scroller.scrollTop - to * height()) > 2) scrollToPosition(to, true);
  else scrolled();
}

function touchStarted() {
  scrollTarget = -1;
  touchStart = index.peek();
}

// The browser snaps the page now; if it snaps back, settled() corrects it.
function touchEnded(by) {
  const at = touchStart + by;
  touchStart = -1;
  if (!by || !current.peek().get(at)) return;
  setPosition(at);
  scrollTarget = at;
  // Not every browser has the event scrollend, and it does not fire if nothing moved.
  clearTimeout(settleTimer);
  settleTimer = setTimeout(settled, SETTLE_MS);
}

function useGestures() {
  useEffect(() => {
    const gesture = wheelGestures();
    const wheel = (event) => {
      if (event.ctrlKey || page.peek().load || event.target.closest('.layer, .notices, .whole')) return;
      event.preventDefault();
      const by = gesture(event);
      if (by) step(by);
    };
    const resized = new ResizeObserver(() => scrollToPosition(index.peek(), false));
    const keys = feedKeys({ step, first: jumpToFirst }, () => !page.peek().load && !document.querySelector('dialog:modal'));
    // On the document, so that it also works over the navigation and beside the video.
    document.addEventListener('wheel', wheel, { passive: false });
    scroller.addEventListener('scroll', scrolled, { passive: true });
    scroller.addEventListener('scrollend', settled);
    watchSwipes(scroller, touchStarted, touchEnded);
    addEventListener('keydown', keys);
    resized.observe(scroller);
  }, []);
}

// Switches to the source that the path names. The current list is reused if it contains the video;
// otherwise it is loaded again, since it may be outdated.
async function showSource({ name, load, props }) {
  if (load) return;
  const now = current.peek();
  const same = now.name === name && now.user === (props.user ?? 0);
  if (same && name === 'feed') return;
  const there = same ? now.indexOf(Number(props.video)) : -1;
  if (there >= 0) {
    if (now.get(index.peek())?.id !== Number(props.video)) setPosition(there);
    return;
  }
  const next = source(name, props.user);
  resetPlayer();
  next.seeking.value = name !== 'feed';
  index.value = next.index;
  current.value = next;
  if (!next.seeking.peek()) return;
  const at = await next.find(Number(props.video));
  next.seeking.value = false;
  if (current.peek() !== next) return;
  if (at < 0 && !next.error) toast(t('feed.gone'), 'bad');
  setPosition(Math.max(at, 0));
}

// Checks for new videos periodically, and when the viewer returns to the feed.
function useCheckForNew(from) {
  usePoll(() => from.check(), CHECK_EVERY_MS, Boolean(from), [from]);
  useEffect(() => void (from && from.check(AWAY_MS).catch(() => {})), [from]);
}

function FeedState({ from }) {
  if (from.state.value === 'loading' || (from.seeking.value && from.state.value === 'ready')) return html`<${Spinner} />`;
  if (from.state.value === 'failed') return html`<${Failure} error=${from.error} onRetry=${() => from.retry()} />`;
  return html`<${Empty} icon="film" text=${t('feed.empty')}>
    ${isAvailable('publish') && html`<button class="button primary" onClick=${() => navigate('/publish')}>${t('nav.publish')}</button>`}
    <button class="button" onClick=${() => from.retry()}>${t('retry')}</button><//>`;
}

function Arrows() {
  return html`<div class="feed-arrows">
    <button class="icon-button" aria-label=${t('feed.previous')} data-testid="previous" disabled=${index.value === current.value.base}
      onClick=${() => step(-1)}><${Icon} name="up" /></button>
    <button class="icon-button" aria-label=${t('feed.next')} data-testid="next" onClick=${() => step(1)}><${Icon} name="down" /></button>
  </div>`;
}

export function Feed({ shown }) {
  const ref = useRef();
  const videos = useRef();
  const from = current.value;
  const items = from.items.value;
  const at = index.value;
  useLayoutEffect(() => {
    scroller = ref.current;
    mountPlayer(videos.current, skipUnplayable);
  }, []);
  useGestures();
  useEffect(() => void showSource(page.value), [page.value]);
  useCheckForNew(shown && from.name === 'feed' && from);
  // A new list: scroll to the position remembered for it, or to the video of the path.
  useLayoutEffect(() => {
    const off = Math.abs(scroller.scrollTop - at * height());
    if (shown && scrollTarget < 0 && touchStart < 0 && off > height() * 0.6) scrollToPosition(at, false);
  }, [at, from, from.end > at]);
  useLayoutEffect(() => {
    if (from.seeking.peek()) return;
    if (items.length) setPosition(from.index);
    else if (from.state.peek() !== 'loading') resetPlayer();
  }, [items, from]);
  useLayoutEffect(() => void (shown && scrollToPosition(index.peek(), false)), [shown]);
  useEffect(() => {
    const visible = () => setPlayable(shown && document.visibilityState === 'visible');
    visible();
    document.addEventListener('visibilitychange', visible);
    return () => document.removeEventListener('visibilitychange', visible);
  }, [shown]);
  const firstShown = Math.max(from.base, at - MARGIN);
  const around = (ahead) => items.slice(firstShown - from.base, at + ahead - from.base);
  return html`<main class="feed" hidden=${!shown}>
    <h1 class="unseen">${t('feed.label')}</h1>
    <div class="feed-scroller" ref=${ref} role="feed" aria-busy=${from.state.value === 'loading'} data-testid="feed"
      data-index=${at} data-count=${items.length} tabindex="-1">
      <div class="feed-track">
        <div ref=${videos}></div>
        ${around(2).map((item, i) => html`<img key=${`b${item.key}`} class="backdrop" alt=""
          style=${{ top: `${(firstShown + i) * 100}%` }} src=${item.video.value.cover_url}
          onLoad=${({ target }) => (item.ratio.value = target.naturalWidth / target.naturalHeight)} />`)}
        ${around(MARGIN + 1).map((item, i) => html`<${Slide} key=${item.key} item=${item} at=${firstShown + i} here=${firstShown + i === at} />`)}
      </div>
    </div>
    <${Link} class="icon-button feed-settings" href="/settings" aria-label=${t('nav.settings')} data-testid="feed-settings"><${Icon} name="gear" /><//>
    <p class="unseen" aria-live="polite" data-testid="feed-live">${shown && from.get(at) && describe(from.get(at).video.value, at)}</p>
    ${from.fresh.value && html`<button class="sound-pill new-pill" data-testid="new-videos" onClick=${reloadFeed}><${Icon} name="up" />${t('feed.fresh')}</button>`}
    ${items.length && !from.seeking.value ? html`<${Arrows} />` : html`<${FeedState} from=${from} />`}
  </main>`;
}
