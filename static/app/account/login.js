// The dialog for login and registration: one form, two modes.
import { useState } from 'preact/hooks';
import { logIn } from '../auth.js';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { session } from '../session.js';
import { length } from '../ui/composer.js';
import { toast } from '../ui/toast.js';
import { Dialog } from '../ui/layer.js';
import css from 'css:./login.css';

export const styles = css;
const MAX_LENGTH = 32;
// For new passwords only: older accounts may have shorter ones.
export const MIN_LENGTH = 8;
// Replaces the server's texts, which name API parameters.
const OWN_TEXTS = { 1102: 'login.taken', 1103: 'login.wrong' };

// Validation in the browser; undefined if the input is valid.
function inputProblem(how, name, password) {
  if (!name) return t('login.noName');
  if (length(name) > MAX_LENGTH) return t('login.longName', { n: MAX_LENGTH });
  if (length(password) > MAX_LENGTH) return t('password.long', { n: MAX_LENGTH });
  return how === 'register' && length(password) < MIN_LENGTH ? t('password.short', { n: MIN_LENGTH }) : '';
}

export default function Login({ onClose, reason }) {
  const known = session.peek().name;
  const [how, setHow] = useState('login');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState('');

  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    const data = new FormData(event.target);
    const [name, password] = [data.get('username').trim(), data.get('password')];
    const wrong = inputProblem(how, name, password);
    setFailure(wrong);
    if (wrong) return;
    setBusy(true);
    try {
      await logIn(how, name, password);
      toast(t('login.welcome', { name: session.peek().name }), 'good');
      onClose(true);
    } catch (error) {
      setFailure(OWN_TEXTS[error.code] ? t(OWN_TEXTS[error.code]) : error.message);
      setBusy(false);
    }
  };
  const other = how === 'login' ? 'register' : 'login';
  const hint = how === 'register' ? t('register.hint') : reason ?? (known ? t('login.expired') : t('login.hint'));
  return html`<${Dialog} title=${t(how)} onClose=${onClose} testid="login">
    <form class="login" onSubmit=${submit} aria-busy=${busy}>
      <p class="soft">${hint}</p>
      <label>${t('login.name')}
        <input name="username" data-testid="username" required maxlength=${2 * MAX_LENGTH} autocomplete="username"
          autocapitalize="none" spellcheck=${false} defaultValue=${known} autofocus=${!known} /></label>
      <label>${t('login.password')}
        <input name="password" data-testid="password" type="password" required maxlength=${2 * MAX_LENGTH} autofocus=${Boolean(known)}
          autocomplete=${how === 'login' ? 'current-password' : 'new-password'} aria-describedby="password-rule" />
        <span class="soft" id="password-rule">${how === 'register' && t('password.rule', { n: MIN_LENGTH })}</span></label>
      <p class="form-error" role="alert" data-testid="login-error">${failure}</p>
      <button class="button primary" data-testid="submit" disabled=${busy}>${t(busy ? 'loading' : how)}</button>
      <p class="soft">${t(`${how}.other`)} <button type="button" class="link-button" data-testid="other"
        onClick=${() => (setHow(other), setFailure(''))}>${t(other)}</button></p>
    </form>
  <//>`;
}
