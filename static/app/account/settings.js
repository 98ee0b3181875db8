// The settings page: language, account, keys, and a link to the API documentation.
import { useState } from 'preact/hooks';
import { isCancelled, post } from '../api.js';
import { logOut } from '../auth.js';
import { html } from '../html.js';
import { lang, languages, setLanguage, t } from '../i18n.js';
import { openLayer } from '../layers.js';
import { navigate } from '../router.js';
import { me, session } from '../session.js';
import { toast } from '../ui/toast.js';
import { Icon } from '../ui/icon.js';
import css from 'css:./settings.css';

export const styles = css;

const Languages = () => html`<fieldset class="choices"><legend>${t('settings.language')}</legend>
  ${Object.entries(languages).map(([tag, name]) => html`<label key=${tag}><input type="radio" name="lang" value=${tag}
    checked=${lang.value === tag} onChange=${() => setLanguage(tag)} data-testid=${`lang-${tag}`} />
    <span lang=${tag}>${name}</span></label>`)}
</fieldset>`;

function leave(text) {
  logOut();
  toast(t(text), 'good');
  navigate('/');
}

// Revokes all tokens of the user, this one included. After a failure they may still be valid: the
// user stays logged in and sees an error, because clearing only this session would look like success.
function Everywhere() {
  const [state, setState] = useState({});
  const end = async () => {
    setState({ busy: true });
    try {
      await post('/user/logout/');
      leave('logout.allDone');
    } catch (error) {
      setState(isCancelled(error) ? {} : { problem: `${error.message} ${t('logout.allFailed')}` });
    }
  };
  return html`<div><button class="button" data-testid="logout-all" disabled=${state.busy} onClick=${end}>
      <${Icon} name="users" />${t(state.busy ? 'loading' : 'logout.all')}</button>
    <p class="soft">${t('logout.allHint')}</p>
    <p class="settings-problem" role="alert" data-testid="logout-error">${state.problem}</p></div>`;
}

const Account = () => html`<section><h2>${t('settings.account')}</h2>
  ${me.value
    ? html`<p>${t('settings.you', { name: session.value.name })}</p>
      <div class="account-actions">
        <div><button class="button" data-testid="password-open" onClick=${() => openLayer('password')}><${Icon} name="lock" />${t('password.change')}</button></div>
        <div><button class="button" data-testid="logout" onClick=${() => leave('logout.done')}><${Icon} name="logout" />${t('logout')}</button>
          <p class="soft">${t('logout.hint')}</p></div>
        <${Everywhere} /></div>`
    : html`<p class="soft">${t('login.hint')}</p>
      <button class="button primary" data-testid="settings-login" onClick=${() => openLayer('login')}>${t('login')}</button>`}
</section>`;

export default function Settings() {
  return html`<div class="column settings">
    <h1>${t('nav.settings')}</h1>
    <${Account} />
    <${Languages} />
    <section class="settings-keys"><h2>${t('settings.keys')}</h2>
      <dl class="keys">${['↑ ↓', '← →', 'Space', 'M', 'L', 'C', 'Home'].map((key, i) => html`<div key=${key}>
        <dt><kbd>${key}</kbd></dt><dd>${t(`key.${i}`)}</dd></div>`)}</dl></section>
    <section><h2>${t('settings.api')}</h2>
      <p><a class="button" href="/docs"><${Icon} name="book" />${t('settings.docs')}</a></p></section>
  </div>`;
}
