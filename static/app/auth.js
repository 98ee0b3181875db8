// Login, logout, and the check that the stored token is still valid.
import { BAD_TOKEN, get, post } from './api.js';
import { t } from './i18n.js';
import { askLogin, clearSession, expireSession, KEY, me, session, setSession, storedSession } from './session.js';
import { forgetViewer, keepUser } from './store.js';
import { toast } from './ui/toast.js';

// status_code of /user/ for a request with neither a valid token nor a user_id.
const NO_USER = 1001;

// how: 'login' or 'register'. Throws the server's ApiError.
export async function logIn(how, name, password) {
  const reply = await post(`/user/${how}/`, { username: name, password }, { login: undefined });
  setSession({ token: reply.token, id: reply.user_id, name });
  loadMe().catch(() => {});
}

export function logOut() {
  clearSession();
  forgetViewer();
}

async function loadMe() {
  if (me.peek()) keepUser((await get('/user/', { user_id: me.peek() }, { login: 'quiet' })).user);
}

// Endpoints with an optional login ignore an invalid token. /user/ without a user_id requires a
// valid one, so it is the check.
async function checkToken() {
  const { token } = session.peek();
  if (!token) return;
  try {
    keepUser((await get('/user/', {}, { login: 'quiet' })).user);
  } catch (error) {
    if (error.code !== BAD_TOKEN && error.code !== NO_USER) return;
    if (session.peek().token === token) expireSession();
    toast(t('login.again'), 'info', { label: t('login'), run: askLogin });
  }
}

// Follows logins and logouts of other tabs, and checks the token now and when the tab is shown.
export function startSession() {
  checkToken();
  addEventListener('storage', (event) => {
    if (event.key === KEY) session.value = storedSession();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') checkToken();
  });
}
