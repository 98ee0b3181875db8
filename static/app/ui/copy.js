// Copies a text to the clipboard. Without permission (plain http) it tries execCommand(), then shows the
// text in a dialog, selected.
import { openLayer } from '../layers.js';

function copyWithExecCommand(text) {
  const field = Object.assign(document.createElement('textarea'), { value: text, readOnly: true, className: 'unseen' });
  const { activeElement: before } = document;
  document.body.append(field);
  field.select();
  let done = false;
  try {
    done = document.execCommand('copy');
  } catch {
    // Not supported: the dialog is shown.
  }
  field.remove();
  before?.focus({ preventScroll: true });
  return done;
}

// True if the text was copied.
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    if (copyWithExecCommand(text)) return true;
    openLayer('link', { text });
    return false;
  }
}
