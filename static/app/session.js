// Who is logged in. The token is kept in this origin's local storage, where the pages' strict
// Content-Security-Policy lets no script but ours read it. It travels in a header, and is in no
// address, log, cache or message.
import { computed, signal } from '@preact/signals';
import { BAD_TOKEN, get, post } from './api.js';
import { t } from './i18n.js';
import { openLayer } from './layers.js';
import { forgetViewer, keepUser } from './store.js';
import { toast } from './ui/toast.js';

const KEY = 'dousheng.session';
// What /user/ answers to somebody unknown who names no user.
const NO_USER = 1001;
const nobody = { token: '', id: 0, name: '' };

function stored() {
  try {
    const { token, id, name } = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return typeof token === 'string' && Number.isInteger(id) ? { token, id, name: String(name ?? '') } : nobody;
  } catch {
    return nobody;
  }
}

// { token, id, name }: an expired session has an empty token, and still a name.
export const session = signal(stored());
export const me = computed(() => (session.value.token ? session.value.id : 0));

// `next` is logged in, in all tabs; one without a name is nobody.
export function become(next) {
  session.value = next;
  try {
    if (next.name) localStorage.setItem(KEY, JSON.stringify(next));
    else localStorage.removeItem(KEY);
  } catch {
    // Without storage the session lasts as long as the page.
  }
}

// how: 'login' or 'register'. Fails with the server's ApiError.
export async function logIn(how, name, password) {
  const reply = await post(`/user/${how}/`, { username: name, password }, { login: undefined });
  become({ token: reply.token, id: reply.user_id, name });
  loadMe().catch(() => {});
}

export function logOut() {
  become(nobody);
  forgetViewer();
}

export const sessionExpired = () => become({ ...session.peek(), token: '' });

// True once somebody is logged in, false if they would rather not.
export async function askLogin() {
  if (session.peek().token) return true;
  await openLayer('login');
  return Boolean(session.peek().token);
}

async function loadMe() {
  if (me.peek()) keepUser((await get('/user/', { user_id: me.peek() }, { login: 'quiet' })).user);
}

// Reading with a bad token is reading as a stranger, without an error: so we ask whose it is.
async function checkToken() {
  const { token } = session.peek();
  if (!token) return;
  try {
    keepUser((await get('/user/', {}, { login: 'quiet' })).user);
  } catch (error) {
    if (error.code !== BAD_TOKEN && error.code !== NO_USER) return;
    if (session.peek().token === token) sessionExpired();
    toast(t('login.again'), 'info', { label: t('login'), run: askLogin });
  }
}

export function startSession() {
  checkToken();
  addEventListener('storage', (event) => {
    if (event.key === KEY) session.value = stored();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') checkToken();
  });
}
