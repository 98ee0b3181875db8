// A text field that grows, with a character counter and a send button.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { Icon } from './icon.js';

// The server counts code points, not UTF-16 units.
export const length = (text) => [...text].length;

// max: characters; send(text): returning false keeps the text in the field; keep: an object whose `text`
// holds the unsent text when the field is removed.
export function Composer({ label, max, send, keep, testid }) {
  const field = useRef();
  const [text, setText] = useState(keep?.text ?? '');
  const left = max - length(text.trim());
  const write = (value) => {
    if (keep) keep.text = value;
    setText(value);
  };
  useLayoutEffect(() => {
    field.current.style.height = 'auto';
    field.current.style.height = `${field.current.scrollHeight + 2}px`;
  }, [text]);
  const submit = async (event) => {
    event?.preventDefault();
    const value = text.trim();
    if (!value || left < 0) return;
    write('');
    field.current.focus();
    if ((await send(value)) === false) {
      if (keep) keep.text ||= value;
      setText((now) => now || value);
    }
  };
  const key = (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) submit(event);
  };
  return html`<form class="composer" onSubmit=${submit}>
    <textarea ref=${field} rows="1" aria-label=${label} placeholder=${label} value=${text} data-testid=${`${testid}-input`}
      enterkeyhint="send" onInput=${(event) => write(event.target.value)} onKeyDown=${key}
      aria-invalid=${left < 0 ? 'true' : undefined}></textarea>
    ${left < 50 && html`<span class=${left < 0 ? 'left over' : 'left'} role="status">${left}</span>`}
    <button class="icon-button send" data-testid=${`${testid}-send`} aria-label=${t('send')} disabled=${!text.trim() || left < 0}>
      <${Icon} name="send" /></button>
  </form>`;
}
