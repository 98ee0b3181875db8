// A dialog that shows a link, selected, when it could not be copied.
import { useEffect, useRef } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { Dialog } from './layer.js';

export default function LinkDialog({ text, onClose }) {
  const field = useRef();
  useEffect(() => {
    field.current.focus();
    field.current.select();
  }, []);
  return html`<${Dialog} title=${t('link.title')} onClose=${onClose} testid="link">
    <p class="soft">${t('link.hint')}</p>
    <input class="link-text" ref=${field} value=${text} readonly aria-label=${t('link.title')} data-testid="link-text" />
  <//>`;
}
