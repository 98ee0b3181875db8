// The number of unread conversations in the navigation. The inbox is fetched only if a user is logged
// in, and after the current page has loaded.
import { useEffect, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { page } from '../router.js';
import { session } from '../session.js';
import { usePoll } from '../ui/poll.js';

const FIRST = 4000;
const PAUSE = 15000;

export function UnreadBadge() {
  const [inbox, setInbox] = useState(null);
  const { id, token } = session.value;
  useEffect(() => {
    if (!token || inbox) return;
    const timer = setTimeout(() => import('./inbox.js').then((module) => {
      setInbox(module);
      return module.refreshInbox('quiet');
    }).catch(() => {}), FIRST);
    return () => clearTimeout(timer);
  }, [token, inbox]);
  usePoll(() => inbox.refreshInbox('quiet'), PAUSE, Boolean(token && inbox && page.value.name !== 'messages'), [id]);
  const n = (token && inbox?.friends.value?.filter((one) => one.unread).length) || 0;
  if (!n) return null;
  return html`<span class="nav-badge"><span aria-hidden="true" data-testid="nav-unread">${n > 99 ? '99+' : n}</span>
    <span class="unseen">${t('chat.talks', { n })}</span></span>`;
}
