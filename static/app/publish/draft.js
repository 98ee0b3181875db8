// What is being prepared: null, or { user, file, title, coverMs, begun }; begun if this file was sent
// before and that broke off. It outlives the page, and whoever closes the window is asked.
import { signal } from '@preact/signals';
import { session } from '../session.js';

export const draft = signal(null);

export const amend = (what) => draft.peek() && (draft.value = { ...draft.peek(), ...what });

session.subscribe(({ id }) => draft.peek() && draft.peek().user !== id && (draft.value = null));
addEventListener('beforeunload', (event) => draft.peek() && event.preventDefault());
