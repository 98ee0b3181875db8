// Dialogs and drawers, made of a native <dialog>. If modal, it keeps the focus, and the rest of the page
// is inert.
import { useEffect, useRef } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { Icon } from './icon.js';

function Frame({ kind, title, onClose, testid, modal = true, children, footer }) {
  const ref = useRef();
  useEffect(() => {
    const dialog = ref.current;
    if (modal) dialog.showModal();
    else dialog.show();
    const escape = (event) => {
      if (modal || event.key !== 'Escape' || document.querySelector('dialog:modal')) return;
      event.preventDefault();
      onClose();
    };
    addEventListener('keydown', escape);
    return () => {
      removeEventListener('keydown', escape);
      dialog.close();
    };
  }, [modal]);
  // Not closed by the browser: the layer's history entry must be removed, too.
  const cancel = (event) => {
    event.preventDefault();
    onClose();
  };
  const outside = (event) => event.target === ref.current && onClose();
  return html`<dialog ref=${ref} class=${`layer ${kind}`} aria-label=${title} data-testid=${testid}
      onCancel=${cancel} onClick=${outside}>
    <div class="layer-body">
      <header class="layer-head">
        <h2>${title}</h2>
        <button class="icon-button" aria-label=${t('close')} data-testid="close" onClick=${() => onClose()}>
          <${Icon} name="close" /></button>
      </header>
      <div class="layer-content">${children}</div>
      ${footer && html`<footer class="layer-foot">${footer}</footer>`}
    </div>
  </dialog>`;
}

// Centred. Props: title, onClose, testid, children, and footer, which stays visible below them.
export const Dialog = (props) => html`<${Frame} kind="dialog" ...${props} />`;

// At the bottom on a phone, at the right on a desktop. With modal=false the page stays usable.
export const Drawer = (props) => html`<${Frame} kind="drawer" ...${props} />`;
