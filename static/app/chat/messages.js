// The messages page: the inbox and a conversation. A desktop shows both, a phone one of them.
import { useEffect } from 'preact/hooks';
import { isCancelled } from '../api.js';
import { html } from '../html.js';
import { count, t } from '../i18n.js';
import { Link } from '../router.js';
import { session } from '../session.js';
import { userSignal } from '../store.js';
import { NeedLogin, useViewer } from '../ui/needlogin.js';
import { wide } from '../ui/media.js';
import { Avatar, Empty, Failure, Spinner } from '../ui/parts.js';
import { usePoll } from '../ui/poll.js';
import { Conversation } from './conversation.js';
import { COUNT_MAX, failure, friends, refreshInbox } from './inbox.js';
import { shortTime } from './times.js';
import css from 'css:./chat.css';

export const styles = css;

const PAUSE = 1000;
const FOLLOWERS_EVERY = 20000;

function Friend({ row, here }) {
  const user = userSignal(row.id).value;
  const { unread } = row;
  return html`<li data-testid="friend" data-user-id=${row.id} data-unread=${unread}>
    <${Link} class="friend" href=${`/messages/${row.id}`} aria-current=${here ? 'page' : undefined}>
      <${Avatar} user=${user} />
      <span class="friend-text"><span class="friend-top"><b class="user-text">${user.name}</b>
          ${row.time > 0 && html`<span class="soft friend-time">${shortTime(row.time)}</span>`}</span>
        <span class="friend-top"><span class="soft friend-message" data-testid="last-message">
            ${row.mine && row.message ? t('chat.you', { text: row.message }) : row.message || t('chat.none')}</span>
          ${unread > 0 && html`<span class="unread"><span aria-hidden="true" data-testid="unread">${unread > COUNT_MAX ? `${COUNT_MAX}+` : count(unread)}</span>
            <span class="unseen">${t('chat.unread', { n: unread })}</span></span>`}</span>
      </span><//>
  </li>`;
}

function Friends({ here }) {
  const list = friends.value;
  return html`<section class="friends" aria-label=${t('nav.messages')}>
    <h1>${t('nav.messages')}</h1>
    ${!list && (failure.value
      ? html`<${Failure} error=${failure.value} onRetry=${() => refreshInbox('ask').catch(() => {})} />`
      : html`<${Spinner} />`)}
    ${list && !list.length && html`<${Empty} icon="users" text=${t('chat.nobody')}>
      <${Link} class="button" href="/">${t('nav.feed')}<//><//>`}
    <ul data-testid="friends">${list?.map((row) => html`<${Friend} key=${row.id} row=${row} here=${row.id === here} />`)}</ul>
  </section>`;
}

export default function Messages({ user }) {
  const viewer = useViewer();
  // There is no conversation with oneself.
  const other = Number(user) === viewer ? 0 : Number(user ?? 0);
  const { token } = session.value;
  const listed = wide.value || !other;
  useEffect(() => {
    if (viewer && listed) refreshInbox('ask', FOLLOWERS_EVERY).catch((error) => isCancelled(error));
  }, [viewer, listed]);
  usePoll(() => refreshInbox('quiet', FOLLOWERS_EVERY), PAUSE, Boolean(token && listed), [viewer]);
  if (!viewer) return html`<${NeedLogin} />`;
  return html`<div class=${other ? 'messages talking' : 'messages'}>
    ${listed && html`<${Friends} here=${other} />`}
    ${other > 0 && html`<${Conversation} key=${`${viewer} ${other}`} viewer=${viewer} other=${other} />`}
    ${wide.value && !other && html`<${Empty} icon="message" text=${t('chat.choose')} />`}
  </div>`;
}
