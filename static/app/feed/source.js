// The lists that the feed shows: all videos, newest first; or one user's works or likes. A list is
// endless: after the last video it starts over.
import { batch, signal } from '@preact/signals';
import { get, isTransient } from '../api.js';
import { whenReachable } from '../connection.js';
import { me } from '../session.js';
import { keepVideo, now } from '../store.js';
import { preloadFirst } from './player.js';

const PAGE = 30;
// Number of videos loaded ahead of the current position, and kept behind it.
const AHEAD = 5;
const BEHIND = 40;
// Number of pages searched for the video that the path names.
const SEARCH_PAGES = 20;

const fetchers = {
  async feed(at) {
    const { video_list: videos, next_time: next } = await get('/feed/', { latest_time: at || undefined });
    return { videos, next: videos.length ? next : 0 };
  },
  works: (at, user) => list('/publish/list/', at, user),
  likes: (at, user) => list('/favorite/list/', at, user),
};

async function list(path, at, user) {
  const reply = await get(path, { user_id: user, count: PAGE, cursor: at || undefined });
  const videos = reply.video_list.filter((video) => (video.status ?? 'ready') === 'ready');
  return { videos, next: reply.next_cursor };
}

let keys = 0;

class Source {
  // { key, id, video, ratio }. key: unique per entry, as a video may occur more than once. ratio: width
  // to height of the cover, 0 until known.
  items = signal([]);
  // The position of items[0]. Earlier ones have been dropped.
  base = 0;
  // 'loading', 'ready', 'empty' or 'failed' (then with `error`).
  state = signal('loading');
  error = null;
  // True while searching for the video that the path names.
  seeking = signal(false);
  // The current position, kept while another list or page is shown.
  index = 0;
  // The positions at which the list starts over.
  starts = new Set();
  // True if there are newer videos on the server.
  fresh = signal(false);
  #cursor = 0;
  #pending = null;
  #pages = [];
  #newest = new Set();
  #checked = 0;

  constructor(name, user) {
    this.name = name;
    this.user = user;
  }

  get = (at) => this.items.peek()[at - this.base];

  get end() {
    return this.base + this.items.peek().length;
  }

  // Loads the next page. One request at a time.
  more() {
    this.#pending ??= this.#load().finally(() => (this.#pending = null));
    return this.#pending;
  }

  async #load() {
    const asked = now();
    try {
      let page = await fetchers[this.name](this.#cursor, this.user);
      const atEnd = !page.videos.length && this.items.peek().length > 0;
      if (atEnd) {
        this.#cursor = 0;
        page = await fetchers[this.name](0, this.user);
      }
      if (this.#cursor === 0 && this.items.peek().length) this.starts.add(this.end);
      this.error = null;
      this.#append(page, asked);
      this.state.value = this.items.peek().length ? 'ready' : 'empty';
    } catch (error) {
      this.error = error;
      if (!this.items.peek().length) this.state.value = 'failed';
      else if (isTransient(error)) whenReachable().then(() => this.setIndex(this.index));
    }
  }

  #append({ videos, next }, asked) {
    if (!this.#cursor) this.#noteNewest(videos);
    this.#pages = [...this.#pages.slice(-3), this.#cursor];
    this.#cursor = next;
    this.items.value = [...this.items.peek(), ...videos.map((video) =>
      ({ key: ++keys, id: video.id, video: keepVideo(video, asked), ratio: signal(0) }))];
  }

  #noteNewest(videos) {
    this.#newest = new Set(videos.map((video) => video.id));
    this.#checked = now();
    this.fresh.value = false;
  }

  // Checks for newer videos, unless the last check is less than `age` ms ago.
  async check(age = 0) {
    if (this.#pending || now() - this.#checked < age) return;
    const asked = this.#checked = now();
    const { videos } = await fetchers[this.name](0, this.user);
    for (const video of videos) keepVideo(video, asked);
    if (!videos.length || this.#newest.has(videos[0].id)) return;
    if (this.items.peek().length) this.fresh.value = true;
    else await this.more();
  }

  // Replaces the list by its newest page.
  async reload() {
    await this.#pending;
    const page = await fetchers[this.name](0, this.user);
    this.#cursor = 0;
    this.base = this.index = 0;
    this.starts.clear();
    batch(() => {
      this.items.value = [];
      this.#append(page, now());
      this.state.value = page.videos.length ? 'ready' : 'empty';
    });
  }

  // Removes a deleted video.
  remove(id) {
    const before = this.items.peek();
    const left = before.filter((item) => item.id !== id);
    if (left.length === before.length) return;
    const at = this.index - this.base;
    const earlier = before.slice(0, at).filter((item) => item.id === id).length;
    this.index = this.base + Math.max(0, Math.min(at - earlier, left.length - 1));
    batch(() => {
      this.items.value = left;
      if (left.length) return;
      this.#cursor = 0;
      this.retry();
    });
  }

  retry() {
    this.state.value = 'loading';
    return this.more();
  }

  // Sets the current position; loads more and drops old items as needed.
  setIndex(index) {
    this.index = index;
    if (index - this.base > 2 * BEHIND) this.#dropBefore(index - BEHIND);
    if (this.state.peek() === 'ready' && index + AHEAD >= this.end) this.more();
  }

  #dropBefore(base) {
    const left = this.items.peek().slice(base - this.base);
    this.base = base;
    for (const at of this.starts) if (at < base) this.starts.delete(at);
    this.items.value = left;
  }

  // The position of this video in the loaded part, or -1.
  indexOf(id) {
    const at = this.items.peek().findIndex((item) => item.id === id);
    return at < 0 ? at : this.base + at;
  }

  // The position of this video, loading further pages to find it; or -1.
  async find(id) {
    for (let n = 0; n < SEARCH_PAGES; n++) {
      const at = this.indexOf(id);
      if (at >= 0 || this.starts.size || this.state.peek() === 'empty') return at;
      await this.more();
      if (this.error) return -1;
    }
    return -1;
  }

  // Reloads the loaded pages after a login: is_follow and is_favorite depend on the viewer.
  async refresh() {
    for (const at of new Set(this.#pages)) {
      const asked = now();
      for (const video of (await fetchers[this.name](at, this.user)).videos) keepVideo(video, asked);
    }
  }
}

let feed;
let shown;

export function source(name, user = 0) {
  if (name !== 'feed') return (shown = new Source(name, user));
  return (feed ??= new Source('feed', 0));
}

// Removes a video that its author has deleted from all lists.
export function removeVideo(id) {
  for (const one of [feed, shown]) one?.remove(id);
}

// Called first of all, so that the request runs while the page is rendered.
export function startFeed() {
  const first = location.pathname === '/';
  source('feed').more().then(() => first && preloadFirst(feed.get(0)));
  let before = me.peek();
  me.subscribe((now) => {
    if (now && now !== before) feed.refresh().catch(() => {});
    before = now;
  });
}
