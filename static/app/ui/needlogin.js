// For pages that are nothing without somebody logged in.
import { useEffect } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { askLogin, session } from '../session.js';
import { Empty } from './parts.js';

// The user whose page this is, also while their login has expired: that is asked for anew, and
// the page stays. 0 if there is nobody.
export function useViewer() {
  const { id, token } = session.value;
  useEffect(() => {
    if (id && !token) askLogin();
  }, [id, token]);
  return id;
}

export const NeedLogin = () => html`<${Empty} icon="user" text=${t('login.hint')}>
  <button class="button primary" data-testid="need-login" onClick=${() => askLogin()}>${t('login')}</button><//>`;
