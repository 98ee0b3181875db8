// Puts a text into the clipboard. Where the page may not (plain http), the browser's older way is
// tried; where that fails, too, the text is shown, to be selected.
import { openLayer } from '../layers.js';

function oldWay(text) {
  const field = Object.assign(document.createElement('textarea'), { value: text, readOnly: true, className: 'unseen' });
  const { activeElement: before } = document;
  document.body.append(field);
  field.select();
  let done = false;
  try {
    done = document.execCommand('copy');
  } catch {
    // Then it is shown.
  }
  field.remove();
  before?.focus({ preventScroll: true });
  return done;
}

// Whether it is in the clipboard.
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    if (oldWay(text)) return true;
    openLayer('link', { text });
    return false;
  }
}
