// A list that is loaded page by page: next_cursor of a reply is the cursor of the next request.
import { useEffect, useRef } from 'preact/hooks';
import { signal } from '@preact/signals';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { Failure, Spinner } from './parts.js';

export class Paged {
  items = signal([]);
  // 'loading', 'more' (there are more pages), 'end' or 'failed' (then with `error`).
  state = signal('loading');
  error = null;
  #fetch;
  #cursor = 0;
  #pending = null;

  // fetch(cursor) resolves to { items, next }; each item has an id.
  constructor(fetch) {
    this.#fetch = fetch;
  }

  // Loads the next page. One request at a time.
  more() {
    this.#pending ??= this.#load(this.#cursor).finally(() => (this.#pending = null));
    return this.#pending;
  }

  // Reloads the first page. Later items are kept, unless there is a gap between.
  refresh() {
    this.#pending ??= this.#load(0).finally(() => (this.#pending = null));
    return this.#pending;
  }

  async #load(cursor) {
    if (!this.items.peek().length || this.state.peek() === 'failed') this.state.value = 'loading';
    try {
      const { items, next } = await this.#fetch(cursor);
      if (cursor) this.#append(items, next);
      else this.#restart(items, next);
      this.error = null;
      this.state.value = this.#cursor ? 'more' : 'end';
    } catch (error) {
      this.error = error;
      this.state.value = 'failed';
    }
  }

  #append(items, next) {
    const known = new Set(this.items.peek().map((one) => one.id));
    this.items.value = [...this.items.peek(), ...items.filter((one) => !known.has(one.id))];
    this.#cursor = next;
  }

  #restart(items, next) {
    const before = this.items.peek();
    const at = next ? before.findIndex((one) => one.id === items.at(-1).id) : -1;
    if (at < 0 || !this.#cursor || at === before.length - 1) this.#cursor = next;
    const fresh = new Set(items.map((one) => one.id));
    this.items.value = [...items, ...(at < 0 ? [] : before.slice(at + 1).filter((one) => !fresh.has(one.id)))];
  }
}

// The end of a list: loads the next page when scrolled into view.
export function More({ list }) {
  const ref = useRef();
  const state = list.state.value;
  useEffect(() => {
    if (state !== 'more') return;
    const watch = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && list.more());
    watch.observe(ref.current);
    return () => watch.disconnect();
  }, [list, state, list.items.value.length]);
  if (state === 'failed') return html`<${Failure} error=${list.error} onRetry=${() => list.more()} />`;
  return html`<div class="more" ref=${ref}>
    ${state === 'loading' && html`<${Spinner} />`}
    ${state === 'more' && html`<button class="button quiet" data-testid="more" onClick=${() => list.more()}>${t('list.more')}</button>`}
  </div>`;
}
