// Short notices at the edge of the screen; also read by screen readers.
import { signal } from '@preact/signals';

const SECONDS = 4;
let last = 0;

export const notices = signal([]);

// kind: 'info', 'good' or 'bad'. action: { label, run } for a button. A text that is already shown is
// not added again.
export function toast(text, kind = 'info', action) {
  if (notices.peek().some((one) => one.text === text)) return;
  const one = { id: ++last, text, kind, action };
  notices.value = [...notices.peek().slice(-2), one];
  setTimeout(() => dismiss(one), (action ? 2 : 1) * SECONDS * 1000);
}

export function dismiss(one) {
  notices.value = notices.peek().filter((other) => other !== one);
}
