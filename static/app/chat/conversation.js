// A conversation: messages as bubbles, and the field to write one.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { get, NO_SUCH_USER } from '../api.js';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { Link } from '../router.js';
import { session } from '../session.js';
import { keepUser, now, userSignal } from '../store.js';
import { Composer } from '../ui/composer.js';
import { Icon } from '../ui/icon.js';
import { Avatar, Empty, Failure, FollowButton, Spinner } from '../ui/parts.js';
import { usePoll } from '../ui/poll.js';
import { toast } from '../ui/toast.js';
import { markSeen } from './seen.js';
import { talkOf } from './talk.js';
import { clock, dayName, sameDay } from './times.js';

const POLL_MS = 600;
const MAX_LENGTH = 1000;
const GROUP_MS = 180000;
// Scrolled to within this many pixels of the end counts as being at the end.
const NEAR = 80;

function OwnStatus({ one, talk }) {
  if (one.state !== 'failed')
    return html`<span class="bubble-time">${one.state === 'pending' ? t('sending') : clock(one.at)}</span>`;
  return html`<span class="bubble-failed" role="alert">
    <span>${one.reason || t('chat.failed')}</span>
    <button class="link-button" data-testid="message-retry" onClick=${() => talk.retry(one)}>${t('retry')}</button>
    <button class="link-button" data-testid="message-discard" onClick=${() => talk.discard(one)}>${t('chat.discard')}</button>
  </span>`;
}

function Bubble({ mine, text, state, children }) {
  return html`<li class=${`bubble-row ${mine ? 'mine' : 'theirs'}`} data-testid="message" data-mine=${mine} data-state=${state}>
    <span class="unseen">${mine ? t('chat.mine') : t('chat.theirs')}</span>
    <p class="bubble user-text" data-testid="message-text">${text}</p>
    ${children}
  </li>`;
}

const Day = ({ time }) => html`<li class="day" data-testid="day"><span>${dayName(time)}</span></li>`;

// All messages to show: those of the server, then own ones that it has not confirmed.
const allMessages = (talk, viewer) => [
  ...talk.items.value.map((one) => ({ key: one.id, mine: one.from_user_id === viewer, text: one.content, time: one.create_time, state: 'sent' })),
  ...talk.local.value.map((one) => ({ key: one.key, mine: true, text: one.content, time: one.at, state: one.state, own: one })),
];

// Whether a group of consecutive messages ends with `one`: only the last of a group shows its time.
const endsGroup = (one, next) => !next || next.mine !== one.mine || next.time - one.time > GROUP_MS || next.state !== one.state;

function Bubbles({ talk, viewer }) {
  const all = allMessages(talk, viewer);
  return html`<ol class="bubbles">${all.map((one, i) => [
    i > 0 && sameDay(all[i - 1].time, one.time) ? null : html`<${Day} key=${`day-${one.key}`} time=${one.time} />`,
    html`<${Bubble} ...${one} key=${one.key}>
      ${one.own ? html`<${OwnStatus} one=${one.own} talk=${talk} />` : endsGroup(one, all[i + 1]) && html`<span class="bubble-time">${clock(one.time)}</span>`}<//>`,
  ])}</ol>`;
}

// Keeps the scroll position: at the end it follows new messages, elsewhere the visible messages stay
// in place when others are added above or below. `below`: there are new messages out of sight.
function useScroll(ref, talk) {
  const place = useRef({ atEnd: true, height: 0, first: null });
  const [below, setBelow] = useState(false);
  const items = talk.items.value;
  const first = items[0]?.id;
  const last = items.at(-1)?.id;
  const own = talk.local.value.at(-1)?.key;
  const toEnd = () => ref.current?.scrollTo({ top: ref.current.scrollHeight });
  useLayoutEffect(() => {
    const box = ref.current;
    const { atEnd, height, first: before } = place.current;
    if (atEnd) toEnd();
    else if (before && first !== before) box.scrollTop += box.scrollHeight - height;
    else setBelow(true);
    Object.assign(place.current, { height: box.scrollHeight, first });
  }, [first, last, talk.state.value]);
  useLayoutEffect(() => {
    if (own) toEnd();
  }, [own]);
  useLayoutEffect(() => {
    if (place.current.atEnd) toEnd();
  }, [talk.local.value]);
  useEffect(() => {
    const resized = new ResizeObserver(() => place.current.atEnd && toEnd());
    resized.observe(ref.current);
    return () => resized.disconnect();
  }, []);
  const scrolled = () => {
    const box = ref.current;
    place.current.atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
    place.current.height = box.scrollHeight;
    if (place.current.atEnd) setBelow(false);
    if (box.scrollTop < box.clientHeight / 2 && talk.earlier.peek()) talk.older().catch(() => {});
  };
  return { below, scrolled, toEnd };
}

function History({ talk, viewer, name }) {
  const ref = useRef();
  const { below, scrolled, toEnd } = useScroll(ref, talk);
  const older = () => talk.older().catch((error) => toast(error.message, 'bad'));
  return html`<div class="history" ref=${ref} onScroll=${scrolled} tabindex="0" role="log" data-testid="history"
      aria-label=${t('chat.with', { name })}>
      ${talk.earlier.value && html`<button class="button small quiet" data-testid="earlier" onClick=${older}>${t('chat.earlier')}</button>`}
      ${talk.state.value === 'loading' && html`<${Spinner} />`}
      ${talk.state.value === 'failed' && html`<${Failure} error=${talk.error} onRetry=${() => talk.refresh('ask').catch(() => {})} />`}
      ${talk.state.value === 'ready' && !talk.items.value.length && !talk.local.value.length &&
        html`<p class="silence soft">${t('chat.none')}</p>`}
      <${Bubbles} talk=${talk} viewer=${viewer} />
    </div>
    ${below && html`<button class="button small below" data-testid="below" onClick=${toEnd}><${Icon} name="down" />${t('chat.below')}</button>`}`;
}

// Marks the conversation as seen while it is visible.
function useSeen(talk, other, viewer) {
  const last = talk.items.value.at(-1)?.create_time;
  useEffect(() => {
    const note = () => last && document.visibilityState === 'visible' && markSeen(other, last);
    note();
    document.addEventListener('visibilitychange', note);
    return () => document.removeEventListener('visibilitychange', note);
  }, [last, viewer]);
}

export function Conversation({ viewer, other }) {
  const talk = useMemo(() => talkOf(viewer, other), [viewer, other]);
  const user = userSignal(other).value;
  const { token } = session.value;
  const [nobody, setNobody] = useState(false);
  useEffect(() => {
    const asked = now();
    if (token) talk.refresh('ask').catch(() => {});
    get('/user/', { user_id: other }).then((reply) => keepUser(reply.user, asked), (error) => error.code === NO_SUCH_USER && setNobody(true));
    const back = () => document.visibilityState === 'visible' && talk.refresh('quiet').catch(() => {});
    document.addEventListener('visibilitychange', back);
    return () => document.removeEventListener('visibilitychange', back);
  }, [talk, token]);
  usePoll(() => talk.poll(), POLL_MS, Boolean(token) && talk.state.value === 'ready', [talk]);
  useSeen(talk, other, viewer);
  if (nobody) return html`<${Empty} icon="user" text=${t('profile.nobody')}><${Link} class="button" href="/messages">${t('nav.messages')}<//><//>`;
  return html`<section class="conversation" aria-label=${t('chat.with', { name: user.name })} data-testid="conversation" data-user-id=${other}>
    <header class="conversation-head">
      <${Link} class="icon-button to-friends" href="/messages" aria-label=${t('nav.messages')} data-testid="to-friends"><${Icon} name="back" /><//>
      <${Link} class="conversation-who" href=${`/u/${other}`}>
        ${user.avatar && html`<${Avatar} user=${user} size="small" />`}<h2 class="user-text">${user.name}</h2><//>
    </header>
    ${user.avatar && !user.is_follow && other !== viewer && html`<p class="conversation-hint soft" data-testid="unfollowed">
      <span>${t('chat.unfollowed', { name: user.name })}</span> <${FollowButton} id=${other} small /></p>`}
    <${History} talk=${talk} viewer=${viewer} name=${user.name} />
    <footer class="conversation-foot"><${Composer} label=${t('chat.write')} max=${MAX_LENGTH} testid="message" keep=${talk.draft}
      send=${(text) => talk.send(text)} /></footer>
  </section>`;
}
