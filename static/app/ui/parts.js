// Small components that pages share.
import { useEffect } from 'preact/hooks';
import { isTransient, NO_SUCH_USER } from '../api.js';
import { whenReachable } from '../connection.js';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { setFollow, userSignal } from '../store.js';
import { me } from '../session.js';
import { Icon } from './icon.js';

// size: 'tiny', 'small', 'medium' or 'large'. No alt text: the name is always beside it.
export const Avatar = ({ user, size = 'medium' }) =>
  html`<img class=${`avatar ${size}`} src=${user.avatar} alt="" loading="lazy" decoding="async" />`;

export const Spinner = () => html`<div class="spinner" role="progressbar" aria-label=${t('loading')}></div>`;

// The placeholder for an empty list or page; children may offer an action.
export const Empty = ({ icon, text, children }) => html`<div class="empty" data-testid="empty">
  <${Icon} name=${icon} /><p>${text}</p>${children}
</div>`;

// The error message of a page, with a button to retry. Retries transient errors by itself when the
// server can be reached. An unknown user is not an error: just a text.
export function Failure({ error, onRetry }) {
  useEffect(() => {
    if (!onRetry || !isTransient(error)) return;
    let cancelled = false;
    whenReachable().then(() => cancelled || onRetry());
    return () => (cancelled = true);
  }, [error]);
  if (error.code === NO_SUCH_USER) return html`<${Empty} icon="user" text=${t('profile.nobody')} />`;
  return html`<div class="empty" role="alert" data-testid="failure">
    <${Icon} name="alert" /><p>${error.message}</p>
    ${onRetry && html`<button class="button" onClick=${onRetry}>${t('retry')}</button>`}
  </div>`;
}

// The follow button; nothing for the viewer's own profile.
export function FollowButton({ id, small = false }) {
  const user = userSignal(id).value;
  if (!user.name || user.id === me.value) return null;
  return html`<button class=${`button ${user.is_follow ? 'quiet' : ''} ${small ? 'small' : ''}`} data-testid="follow"
    aria-pressed=${String(Boolean(user.is_follow))} onClick=${() => setFollow(id, !user.is_follow)}>
    ${t(user.is_follow ? 'following' : 'follow')}</button>`;
}
