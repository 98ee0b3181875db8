// The overlay of a video: author, title, and buttons.
import { useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { count, t } from '../i18n.js';
import { openLayer } from '../layers.js';
import { Link } from '../router.js';
import { isAvailable } from '../routes.js';
import { me } from '../session.js';
import { setFollow, setLike, userSignal } from '../store.js';
import { copy } from '../ui/copy.js';
import { Icon } from '../ui/icon.js';
import { Avatar } from '../ui/parts.js';
import { toast } from '../ui/toast.js';
import { muted, playing, setSound, soundAsked, togglePause, waiting } from './player.js';
import { Progress } from './progress.js';

const DOUBLE = 280;

// Do not focus buttons on click, or the space bar would press the button instead of pausing.
const letGo = (handler) => (event) => {
  if (event.detail > 0) event.currentTarget.blur();
  handler(event);
};

function Author({ id }) {
  const user = userSignal(id).value;
  const picture = html`<${Avatar} user=${user} />`;
  const follow = me.value !== id && !user.is_follow;
  return html`<div class="rail-author">
    ${isAvailable('profile') ? html`<${Link} href=${`/u/${id}`} aria-label=${user.name} data-testid="author">${picture}<//>` : picture}
    ${follow && html`<button class="rail-follow" aria-label=${`${t('follow')} ${user.name}`} data-testid="feed-follow"
      onClick=${letGo(() => setFollow(id, true))}><${Icon} name="plus" /></button>`}
  </div>`;
}

async function share(video) {
  const url = new URL(`/u/${video.author.id}/v/${video.id}`, location.href).href;
  if (await copy(url)) toast(t('feed.shared'), 'good');
}

function Rail({ video }) {
  const like = letGo(() => setLike(video.id, !video.is_favorite));
  return html`<div class="rail">
    <${Author} id=${video.author.id} />
    <button class=${video.is_favorite ? 'rail-button liked' : 'rail-button'} data-testid="like" onClick=${like}
      aria-pressed=${String(video.is_favorite)} aria-label=${`${t('feed.like')}, ${t('feed.likes', { n: video.favorite_count, shown: count(video.favorite_count) })}`}>
      <${Icon} name="heart" filled /><span data-testid="like-count">${count(video.favorite_count)}</span></button>
    <button class="rail-button" data-testid="comments" aria-label=${t('feed.comments', { n: video.comment_count, shown: count(video.comment_count) })}
      onClick=${letGo(() => isAvailable('comments') && openLayer('comments', { video: video.id }))}>
      <${Icon} name="comment" filled /><span data-testid="comment-count">${count(video.comment_count)}</span></button>
    <button class="rail-button" data-testid="share" aria-label=${t('feed.share')} onClick=${letGo(() => share(video))}>
      <${Icon} name="share" filled /></button>
  </div>`;
}

// A tap pauses, a double tap likes: a single tap takes effect after the double-tap delay.
function useTaps(video) {
  const [hearts, setHearts] = useState([]);
  const timer = useRef(0);
  const last = useRef(0);
  const tap = (event) => {
    const twice = event.timeStamp - last.current < DOUBLE;
    last.current = event.timeStamp;
    clearTimeout(timer.current);
    if (!twice) {
      timer.current = setTimeout(togglePause, DOUBLE);
      return;
    }
    const box = event.currentTarget.getBoundingClientRect();
    const heart = { id: event.timeStamp, x: event.clientX - box.left, y: event.clientY - box.top, tilt: (event.timeStamp % 40) - 20 };
    setHearts((all) => [...all, heart]);
    setTimeout(() => setHearts((all) => all.filter((one) => one !== heart)), 900);
    setLike(video.id, true);
  };
  return [hearts, tap];
}

// A long title is shortened until tapped. Screen readers get the full text.
function Title({ text }) {
  const [whole, setWhole] = useState(false);
  return html`<p class=${whole ? 'caption-title whole' : 'caption-title'} data-testid="title"
    onClick=${() => setWhole(!whole)}>${text}</p>`;
}

function Controls() {
  return html`<div class="feed-controls">
    <button class="icon-button" data-testid="play" aria-label=${t(playing.value ? 'feed.pause' : 'feed.play')} onClick=${letGo(togglePause)}>
      <${Icon} name=${playing.value ? 'pause' : 'play'} filled /></button>
    <${Progress} />
    <button class="icon-button" data-testid="sound" aria-label=${t(muted.value ? 'feed.unmute' : 'feed.mute')}
      onClick=${letGo(() => setSound(muted.peek()))}><${Icon} name=${muted.value ? 'muted' : 'sound'} /></button>
  </div>`;
}

// The description for screen readers.
export const describe = (video, at) => t('feed.video', { n: at + 1, title: video.title, author: video.author.name });

export function Slide({ item, at, here }) {
  const video = item.video.value;
  const [hearts, tap] = useTaps(video);
  return html`<article class="slide" style=${{ top: `${at * 100}%`, '--ratio': item.ratio.value || undefined }} inert=${!here} aria-posinset=${at + 1} aria-setsize="-1"
      aria-label=${describe(video, at)}
      aria-current=${here ? 'true' : undefined} data-testid="slide" data-index=${at} data-video-id=${item.id}>
    <div class="tap" data-testid="tap" onClick=${tap}>
      ${hearts.map((one) => html`<span class="burst" key=${one.id} data-testid="burst"
        style=${{ left: `${one.x}px`, top: `${one.y}px`, '--tilt': `${one.tilt}deg` }}><${Icon} name="heart" filled /></span>`)}
      ${here && !playing.value && !waiting.value && html`<span class="big-play"><${Icon} name="play" filled /></span>`}
      ${here && waiting.value && html`<span class="feed-waiting" data-testid="waiting"></span>`}
    </div>
    <div class="caption">
      ${isAvailable('profile')
        ? html`<${Link} class="caption-author" href=${`/u/${video.author.id}`}>@${video.author.name}<//>`
        : html`<b class="caption-author">@${video.author.name}</b>`}
      <${Title} text=${video.title} />
    </div>
    <${Rail} video=${video} />
    ${here && soundAsked.value && muted.value && html`<button class="sound-pill" data-testid="tap-for-sound"
      onClick=${letGo(() => setSound(true))}><${Icon} name="muted" />${t('feed.sound')}</button>`}
    ${here && html`<${Controls} />`}
  </article>`;
}
