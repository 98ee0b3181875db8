// A conversation: what the server has of it, and what was written here and is on its way.
import { batch, signal } from '@preact/signals';
import { ApiError, BAD_TOKEN, get, isCancelled, needLogin, OFFLINE, post } from '../api.js';
import { t } from '../i18n.js';
import { session } from '../session.js';

const PAGE = 40;
const SERVER = 500;
const KEPT = 12;
const talks = new Map();
let written = 0;

// Whether a message has arrived although its request failed cannot be told from the failure.
const inDoubt = (error) => error.code === OFFLINE || error.code >= SERVER;

class Talk {
  // Messages of the server, oldest first.
  items = signal([]);
  // Own ones that it may not have yet: { key, content, state, at, after }, with state
  // 'pending', 'sent' (and not seen in an answer yet) or 'failed' (then with `reason`).
  local = signal([]);
  // 'loading', 'ready' or 'failed' (then with `error`).
  state = signal('loading');
  error = null;
  // Is there more before the oldest?
  earlier = signal(false);
  // What is being written.
  draft = { text: '' };
  #cursor = 0;
  #queue = Promise.resolve();
  #older = null;
  #claimed = new Set();

  constructor(viewer, other) {
    this.viewer = viewer;
    this.other = other;
  }

  #newest = () => this.items.peek().at(-1);

  // Nothing would be lost with it.
  idle = () => !this.draft.text && !this.local.peek().length;

  // The latest messages, of both.
  async refresh(login) {
    const sent = new Set(this.local.peek().filter((one) => one.state === 'sent'));
    try {
      const reply = await get('/message/chat/', { to_user_id: this.other, count: PAGE }, { login });
      batch(() => {
        this.#tail(reply);
        this.local.value = this.local.peek().flatMap((one) => this.#settle(one, sent));
        this.state.value = 'ready';
      });
      this.error = null;
    } catch (error) {
      this.error = error;
      if (this.state.peek() !== 'ready') this.state.value = 'failed';
      throw error;
    }
  }

  // What the server has is not shown a second time, also if it was on its way just now. A message
  // whose request failed has arrived all the same, or it has not.
  #settle(one, sent) {
    if (one.state === 'failed' && !one.doubt) return [one];
    if (this.#claim(one) || sent.has(one)) return [];
    return [one.state === 'failed' ? { ...one, doubt: false } : one];
  }

  // Is there a message of the server's that can only be this one?
  #claim(one) {
    const found = this.items.peek().find((message) => message.id > one.after && message.to_user_id === this.other &&
      message.content === one.content && !this.#claimed.has(message.id));
    if (found) this.#claimed.add(found.id);
    return Boolean(found);
  }

  // Joins the end of the history to what is there, unless messages are missing between them.
  #tail({ message_list: list, next_cursor: next }) {
    const known = this.items.peek();
    const gap = next && (!known.length || known.at(-1).create_time < list[0].create_time);
    if (!known.length || gap) {
      this.items.value = list;
      this.#cursor = next;
      this.earlier.value = Boolean(next);
    } else this.#merge(list);
  }

  #merge(list) {
    const known = new Set(this.items.peek().map((one) => one.id));
    const fresh = list.filter((one) => !known.has(one.id));
    if (fresh.length)
      this.items.value = [...this.items.peek(), ...fresh].sort((a, b) => a.create_time - b.create_time);
  }

  // What came before, once at a time.
  older() {
    if (!this.#cursor) return Promise.resolve();
    this.#older ??= get('/message/chat/', { to_user_id: this.other, count: PAGE, cursor: this.#cursor }, { login: 'quiet' })
      .then((reply) => {
        this.#cursor = reply.next_cursor;
        this.earlier.value = Boolean(reply.next_cursor);
        this.#merge(reply.message_list);
      })
      .finally(() => (this.#older = null));
    return this.#older;
  }

  // What the other has written since; and all, if ours are not confirmed.
  async poll() {
    const last = this.#newest();
    if (!last || this.local.peek().some((one) => one.state === 'sent' || (one.state === 'failed' && one.doubt))) return this.refresh('quiet');
    const reply = await get('/message/chat/', { to_user_id: this.other, pre_msg_time: last.create_time }, { login: 'quiet' });
    this.#merge(reply.message_list);
  }

  send(content) {
    const after = this.#newest()?.id ?? 0;
    const one = { key: `own-${++written}`, content, state: 'pending', at: Date.now(), after };
    this.local.value = [...this.local.peek(), one];
    this.#deliver(one);
  }

  retry(one) {
    this.#deliver(this.#change(one, { state: 'pending' }));
  }

  discard(one) {
    this.local.value = this.local.peek().filter((other) => other.key !== one.key);
  }

  #waits = (one) => this.local.peek().some((other) => other.key === one.key);

  #change(one, what) {
    const changed = { ...one, ...what };
    this.local.value = this.local.peek().map((other) => (other.key === one.key ? changed : other));
    return changed;
  }

  // One after the other, so that they arrive in the order in which they were written.
  #deliver(one) {
    this.#queue = this.#queue.then(() => this.#post(one)).catch(() => {});
  }

  async #post(one) {
    try {
      await needLogin();
      if (session.peek().id !== this.viewer) throw new ApiError(BAD_TOKEN, t('login.needed'));
      if (one.doubt) {
        await this.refresh('ask');
        if (!this.#waits(one)) return;
      }
      await post('/message/action/', { to_user_id: this.other, action_type: 1, content: one.content });
    } catch (error) {
      const reason = isCancelled(error) || error.code === BAD_TOKEN ? '' : error.message;
      this.#change(one, { state: 'failed', reason, doubt: one.doubt || inDoubt(error) });
      return;
    }
    this.#change(one, { state: 'sent' });
    await this.refresh('quiet').catch(() => {});
  }
}

// The conversation of these two; what was written in it outlives its page.
export function talkOf(viewer, other) {
  const key = `${viewer} ${other}`;
  const talk = talks.get(key) ?? new Talk(viewer, other);
  talks.delete(key);
  for (const [name, one] of talks) if (talks.size >= KEPT && one.idle()) talks.delete(name);
  talks.set(key, talk);
  return talk;
}
