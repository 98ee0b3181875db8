// The video being prepared: null, or { user, file, title, coverMs, begun }. begun: an earlier upload of
// this file was interrupted. Kept when the page is left; closing the window asks for confirmation.
import { signal } from '@preact/signals';
import { session } from '../session.js';

export const draft = signal(null);

export const updateDraft = (what) => draft.peek() && (draft.value = { ...draft.peek(), ...what });

session.subscribe(({ id }) => draft.peek() && draft.peek().user !== id && (draft.value = null));
addEventListener('beforeunload', (event) => draft.peek() && event.preventDefault());
