// A button for what cannot be undone: it wants to be pressed twice.
import { useEffect, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { Icon } from './icon.js';

const SECONDS = 5;

// label: what it does; done(): does it.
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
