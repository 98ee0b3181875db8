// Requests to the server's API. Every reply has status_code and status_msg; a status_code other than
// 0 is thrown as an ApiError.
import { t, lang } from './i18n.js';
import { checkServer } from './connection.js';
import { askLogin, session, expireSession } from './session.js';

// status_code values of the server. The negative ones are the client's own.
export const OFFLINE = -1;
export const CANCELLED = -2;
export const BAD_TOKEN = 1101;
export const NO_SUCH_USER = 1201;

// Texts of the client for codes whose server text names API parameters.
const CLIENT_TEXTS = {
  1001: 'error.input', 1002: 'error.input', 1003: 'error.input', 1004: 'error.input', 1005: 'error.input',
  1201: 'profile.nobody', 1202: 'feed.gone', 1203: 'comments.gone', 1207: 'chat.friends', 1305: 'publish.many',
};

// The message to show for a reply: the client's text for this code, or the server's without a
// parameter name at its end.
export function userMessage(code, text) {
  if (CLIENT_TEXTS[code]) return () => t(CLIENT_TEXTS[code]);
  const plain = text.replace(/ *[:：] *[a-z_]+$/, '');
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

// `code` is the reply's status_code, `message` a text for the user. `text` may be a function: then the
// message is translated when it is read, in the language selected at that time.
export class ApiError extends Error {
  #text;

  constructor(code, text) {
    super();
    this.name = 'ApiError';
    this.code = code;
    this.#text = text;
  }

  get message() {
    return typeof this.#text === 'function' ? this.#text() : this.#text;
  }
}

// A network or server error: the same request may succeed later.
export const isTransient = ({ code, status }) =>
  code === OFFLINE || status >= 500 || String(code).startsWith('5') || code === 429;

// The user closed the login dialog or left the page: do not show an error.
export const isCancelled = (error) => error?.code === CANCELLED || error?.name === 'AbortError';

export function authorization() {
  const { token } = session.peek();
  return token ? { Authorization: `Bearer ${token}` } : {};
}

async function send(method, path, params, { signal, keepalive } = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params ?? {}))
    if (value !== undefined && value !== null) query.set(name, value);
  const isGet = method === 'GET';
  const url = isGet && query.size ? `/douyin${path}?${query}` : `/douyin${path}`;
  let response, reply;
  try {
    response = await fetch(url, {
      method, signal, keepalive, cache: 'no-store',
      headers: { 'Accept-Language': lang.peek(), ...authorization() },
      body: isGet ? undefined : query,
    });
    reply = await response.json();
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    if (!response) checkServer();
    throw new ApiError(response ? response.status : OFFLINE, () => t(response ? 'error.server' : 'error.offline'));
  }
  return reply;
}

const throwIfFailed = (reply) => {
  if (reply.status_code !== 0) throw new ApiError(reply.status_code, userMessage(reply.status_code, reply.status_msg));
  return reply;
};

// login: 'ask' opens the login dialog if there is no valid token, then sends the request (again);
// 'quiet' throws BAD_TOKEN instead, for requests in the background. Default: the login is optional.
async function call(method, path, params, options = {}) {
  const { login } = options;
  if (login && !session.peek().token) {
    if (login !== 'ask') throw new ApiError(BAD_TOKEN, () => t('login.needed'));
    await logInOrCancel();
  }
  const used = session.peek().token;
  const reply = await send(method, path, params, options);
  if (reply.status_code !== BAD_TOKEN) return throwIfFailed(reply);
  if (session.peek().token === used) expireSession();
  if (login !== 'ask') return throwIfFailed(reply);
  if (!session.peek().token) await logInOrCancel();
  return throwIfFailed(await send(method, path, params, options));
}

async function logInOrCancel() {
  if (!(await askLogin())) throw new ApiError(CANCELLED, () => t('login.needed'));
}

export const get = (path, params, options) => call('GET', path, params, options);
export const post = (path, params, options) => call('POST', path, params, { login: 'ask', ...options });

// For requests that do not go through call(): opens the login dialog if there is no token.
export async function requireLogin() {
  if (!session.peek().token) await logInOrCancel();
}
