// A button that must be pressed twice, for actions that cannot be undone.
import { useEffect, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { Icon } from './icon.js';

const SECONDS = 5;

// label: names the action; done(): performs it.
export function ConfirmButton({ label, done, testid, icon = 'trash' }) {
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    if (!asked) return;
    const timer = setTimeout(() => setAsked(false), SECONDS * 1000);
    return () => clearTimeout(timer);
  }, [asked]);
  const press = (event) => {
    event.preventDefault();
    event.stopPropagation();
    if (asked) done();
    setAsked(!asked);
  };
  return html`<button type="button" class=${asked ? 'confirm asked' : 'confirm'} data-testid=${testid} onClick=${press}
    onBlur=${() => setAsked(false)} aria-label=${asked ? t('confirm.really', { label }) : label}>
    ${asked ? t('confirm') : html`<${Icon} name=${icon} />`}</button>`;
}
