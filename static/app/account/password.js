// The dialog to change the password. The server revokes all tokens and returns a new one.
import { useState } from 'preact/hooks';
import { isCancelled, post } from '../api.js';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { session, setSession } from '../session.js';
import { length } from '../ui/composer.js';
import { Dialog } from '../ui/layer.js';
import { toast } from '../ui/toast.js';
import { MIN_LENGTH } from './login.js';
import css from 'css:./login.css';

export const styles = css;
const LONGEST = 32;
const WRONG = 1104;

async function change(old, fresh) {
  const { id } = session.peek();
  const { token } = await post('/user/password/', { password: old, new_password: fresh });
  // Another user may have logged in during the request.
  if (session.peek().id === id) setSession({ ...session.peek(), token });
}

const Field = ({ name, label, shown, complete, autofocus }) => html`<label>${label}
  <input name=${name} data-testid=${name} type=${shown ? 'text' : 'password'} required maxlength=${2 * LONGEST}
    autocomplete=${complete} autofocus=${autofocus} autocapitalize="none" spellcheck=${false} /></label>`;

export default function Password({ onClose }) {
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState(false);
  const [failure, setFailure] = useState('');
  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    const data = new FormData(event.target);
    if (length(data.get('new-password')) > LONGEST) return setFailure(t('password.long', { n: LONGEST }));
    if (length(data.get('new-password')) < MIN_LENGTH) return setFailure(t('password.short', { n: MIN_LENGTH }));
    setBusy(true);
    setFailure('');
    try {
      await change(data.get('old-password'), data.get('new-password'));
      toast(t('password.done'), 'good');
      onClose(true);
    } catch (error) {
      if (!isCancelled(error)) setFailure(error.code === WRONG ? t('password.wrong') : error.message);
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${t('password.change')} onClose=${onClose} testid="password-dialog">
    <form class="login" onSubmit=${submit} aria-busy=${busy}>
      <p class="soft">${t('password.hint')}</p>
      <input name="username" autocomplete="username" value=${session.value.name} readonly hidden />
      <${Field} name="old-password" label=${t('password.old')} shown=${shown} complete="current-password" autofocus />
      <${Field} name="new-password" label=${t('password.new')} shown=${shown} complete="new-password" />
      <p class="soft">${t('password.rule', { n: MIN_LENGTH })}</p>
      <label class="check"><input type="checkbox" checked=${shown} data-testid="show-password"
        onChange=${(event) => setShown(event.target.checked)} />${t('password.show')}</label>
      <p class="form-error" role="alert" data-testid="password-error">${failure}</p>
      <button class="button primary" data-testid="password-send" disabled=${busy}>${t(busy ? 'loading' : 'password.change')}</button>
    </form>
  <//>`;
}
