// The server's API. Every reply has status_code and status_msg; what is not 0 becomes an ApiError.
import { t, lang } from './i18n.js';
import { reach } from './connection.js';
import { askLogin, session, expireSession } from './session.js';

// status_code as in lib/err.c; the first two are our own.
export const OFFLINE = -1;
export const CANCELLED = -2;
export const BAD_TOKEN = 1101;
export const NO_SUCH_USER = 1201;

// The server's texts for these are for programs, and name parameters.
const OURS = {
  1001: 'error.input', 1002: 'error.input', 1003: 'error.input', 1004: 'error.input', 1005: 'error.input',
  1201: 'profile.nobody', 1202: 'feed.gone', 1203: 'comments.gone', 1207: 'chat.friends', 1305: 'publish.many',
};

// What people are told of a reply with this code and text: without a parameter's name at its end.
export function sentence(code, text) {
  if (OURS[code]) return () => t(OURS[code]);
  const plain = text.replace(/ *[:：] *[a-z_]+$/, '');
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

// `code` is the reply's status_code, `message` a sentence for people. One of our own is given as a
// function: it may fail before there are texts, and is shown in the language of that time.
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

// Nothing is wrong with what was asked for: it is the network or the server, and may be better soon.
export const passing = ({ code, status }) =>
  code === OFFLINE || status >= 500 || String(code).startsWith('5') || code === 429;

// Whoever called off a login knows it: nothing has to be told.
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
    if (!response) reach();
    throw new ApiError(response ? response.status : OFFLINE, () => t(response ? 'error.server' : 'error.offline'));
  }
  return reply;
}

const checked = (reply) => {
  if (reply.status_code !== 0) throw new ApiError(reply.status_code, sentence(reply.status_code, reply.status_msg));
  return reply;
};

// login: 'ask' asks who is there if nobody is logged in, or no longer, and then goes on with
// the request; 'quiet' fails with BAD_TOKEN instead, for what happens in the background.
async function call(method, path, params, options = {}) {
  const { login } = options;
  if (login && !session.peek().token) {
    if (login !== 'ask') throw new ApiError(BAD_TOKEN, () => t('login.needed'));
    await mustLogIn();
  }
  const used = session.peek().token;
  const reply = await send(method, path, params, options);
  if (reply.status_code !== BAD_TOKEN) return checked(reply);
  if (session.peek().token === used) expireSession();
  if (login !== 'ask') return checked(reply);
  if (!session.peek().token) await mustLogIn();
  return checked(await send(method, path, params, options));
}

async function mustLogIn() {
  if (!(await askLogin())) throw new ApiError(CANCELLED, () => t('login.needed'));
}

export const get = (path, params, options) => call('GET', path, params, options);
export const post = (path, params, options) => call('POST', path, params, { login: 'ask', ...options });

// A login is needed for what cannot be repeated here, such as an upload of one's own making.
export async function needLogin() {
  if (!session.peek().token) await mustLogIn();
}
