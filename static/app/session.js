// The logged-in user. The token is stored in this origin's local storage, which only our own
// scripts can read: the Content-Security-Policy allows no others. It is sent in a header, so it
// appears in no URL, log, cache or message.
import { computed, signal } from '@preact/signals';
import { openLayer } from './layers.js';

export const KEY = 'dousheng.session';
const nobody = { token: '', id: 0, name: '' };

export function storedSession() {
  try {
    const { token, id, name } = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return typeof token === 'string' && Number.isInteger(id) ? { token, id, name: String(name ?? '') } : nobody;
  } catch {
    return nobody;
  }
}

// { token, id, name }. An expired session has an empty token, but keeps id and name.
export const session = signal(storedSession());
export const me = computed(() => (session.value.token ? session.value.id : 0));

// Replaces the session in all tabs. Without a name, nobody is logged in.
export function setSession(next) {
  session.value = next;
  try {
    if (next.name) localStorage.setItem(KEY, JSON.stringify(next));
    else localStorage.removeItem(KEY);
  } catch {
    // Without storage the session lasts until the page is closed.
  }
}

export const clearSession = () => setSession(nobody);
export const expireSession = () => setSession({ ...session.peek(), token: '' });

// Opens the login dialog if needed. Resolves to true if a user is logged in afterwards, and to
// false if the dialog was closed.
export async function askLogin() {
  if (session.peek().token) return true;
  await openLayer('login');
  return Boolean(session.peek().token);
}
