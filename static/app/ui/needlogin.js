// For pages that require a login.
import { useEffect } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { askLogin, session } from '../session.js';
import { Empty } from './parts.js';

// The viewer's id; 0 if nobody is logged in. After the token has expired the page stays, and the login
// dialog opens.
export function useViewer() {
  const { id, token } = session.value;
  useEffect(() => {
    if (id && !token) askLogin();
  }, [id, token]);
  return id;
}

export const NeedLogin = () => html`<${Empty} icon="user" text=${t('login.hint')}>
  <button class="button primary" data-testid="need-login" onClick=${() => askLogin()}>${t('login')}</button><//>`;
