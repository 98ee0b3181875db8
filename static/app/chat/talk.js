// The state of a conversation: the server's messages, and own ones being sent.
import { batch, signal } from '@preact/signals';
import { ApiError, BAD_TOKEN, get, isCancelled, OFFLINE, post, requireLogin } from '../api.js';
import { t } from '../i18n.js';
import { session } from '../session.js';

const PAGE = 40;
const SERVER = 500;
const KEPT = 12;
const talks = new Map();
let written = 0;

// After these errors the message may have been stored although the request failed.
const mayBeStored = (error) => error.code === OFFLINE || error.code >= SERVER;

class Talk {
  // Messages of the server, oldest first.
  items = signal([]);
  // Own messages that it has not confirmed: { key, content, state, at, after }, with state
  // 'pending', 'sent' (but not seen in a reply yet) or 'failed' (then with `reason`).
  local = signal([]);
  // 'loading', 'ready' or 'failed' (then with `error`).
  state = signal('loading');
  error = null;
  // Are there messages before the oldest loaded one?
  earlier = signal(false);
  // The unsent text in the input field.
  draft = { text: '' };
  #cursor = 0;
  #queue = Promise.resolve();
  #older = null;
  #matched = new Set();

  constructor(viewer, other) {
    this.viewer = viewer;
    this.other = other;
  }

  #newest = () => this.items.peek().at(-1);

  // True if it holds no unsent text and no unconfirmed message, so it may be dropped.
  idle = () => !this.draft.text && !this.local.peek().length;

  // Loads the latest page.
  async refresh(login) {
    const sent = new Set(this.local.peek().filter((one) => one.state === 'sent'));
    try {
      const reply = await get('/message/chat/', { to_user_id: this.other, count: PAGE }, { login });
      batch(() => {
        this.#appendLatest(reply);
        this.local.value = this.local.peek().flatMap((one) => this.#reconcile(one, sent));
        this.state.value = 'ready';
      });
      this.error = null;
    } catch (error) {
      this.error = error;
      if (this.state.peek() !== 'ready') this.state.value = 'failed';
      throw error;
    }
  }

  // What remains of a local message after a refresh: nothing if the server has it or it was sent before
  // the refresh; otherwise itself. For one with an unknown result, absence means that it was not stored.
  #reconcile(one, sent) {
    if (one.state === 'failed' && !one.doubt) return [one];
    if (this.#matchServerCopy(one) || sent.has(one)) return [];
    return [one.state === 'failed' ? { ...one, doubt: false } : one];
  }

  // Finds the server's copy of a local message: same text, newer than when it was written, and not
  // matched to another local message.
  #matchServerCopy(one) {
    const found = this.items.peek().find((message) => message.id > one.after && message.to_user_id === this.other &&
      message.content === one.content && !this.#matched.has(message.id));
    if (found) this.#matched.add(found.id);
    return Boolean(found);
  }

  // Appends the latest page to the loaded messages; replaces them if there is a gap between.
  #appendLatest({ message_list: list, next_cursor: next }) {
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

  // Loads the previous page. One request at a time.
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

  // Loads what the other user wrote since; the whole latest page if own messages are unconfirmed.
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

  #isUnconfirmed = (one) => this.local.peek().some((other) => other.key === one.key);

  #change(one, what) {
    const changed = { ...one, ...what };
    this.local.value = this.local.peek().map((other) => (other.key === one.key ? changed : other));
    return changed;
  }

  // One request at a time, to keep the order of messages.
  #deliver(one) {
    this.#queue = this.#queue.then(() => this.#post(one)).catch(() => {});
  }

  async #post(one) {
    try {
      await requireLogin();
      if (session.peek().id !== this.viewer) throw new ApiError(BAD_TOKEN, t('login.needed'));
      if (one.doubt) {
        await this.refresh('ask');
        if (!this.#isUnconfirmed(one)) return;
      }
      await post('/message/action/', { to_user_id: this.other, action_type: 1, content: one.content });
    } catch (error) {
      const reason = isCancelled(error) || error.code === BAD_TOKEN ? '' : error.message;
      this.#change(one, { state: 'failed', reason, doubt: one.doubt || mayBeStored(error) });
      return;
    }
    this.#change(one, { state: 'sent' });
    await this.refresh('quiet').catch(() => {});
  }
}

// The conversation of two users. Kept when its page is closed, so that unsent text is not lost.
export function talkOf(viewer, other) {
  const key = `${viewer} ${other}`;
  const talk = talks.get(key) ?? new Talk(viewer, other);
  talks.delete(key);
  for (const [name, one] of talks) if (talks.size >= KEPT && one.idle()) talks.delete(name);
  talks.set(key, talk);
  return talk;
}
