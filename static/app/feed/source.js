// Where the feed's videos come from: all, newest first; or one user's works or likes. A source
// has no end: after its last video it starts over.
import { batch, signal } from '@preact/signals';
import { get, passing } from '../api.js';
import { reached } from '../connection.js';
import { me } from '../session.js';
import { keepVideo, now } from '../store.js';
import { prime } from './player.js';

const PAGE = 30;
// How far ahead of the viewer the list is kept filled, and how much of what they have seen is kept.
const AHEAD = 5;
const BEHIND = 40;
// A video that an address names is looked for on so many pages.
const SEARCHED = 20;

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
  // { key, id, video, ratio }: the same video has another key each time it comes around; ratio is
  // its picture's, width to height, 0 while that is not known.
  items = signal([]);
  // The position of the first of them: what was before it is forgotten.
  base = 0;
  // 'loading', 'ready', 'empty' or 'failed' (then with `error`).
  state = signal('loading');
  error = null;
  // Is the video that the address names still being looked for?
  seeking = signal(false);
  // Where the viewer is, kept while they look at something else.
  index = 0;
  // The positions at which it has started over.
  starts = new Set();
  // Have there come videos since?
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

  // The next page, once at a time.
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
      else if (passing(error)) reached().then(() => this.reach(this.index));
    }
  }

  #append({ videos, next }, asked) {
    if (!this.#cursor) this.#first(videos);
    this.#pages = [...this.#pages.slice(-3), this.#cursor];
    this.#cursor = next;
    this.items.value = [...this.items.peek(), ...videos.map((video) =>
      ({ key: ++keys, id: video.id, video: keepVideo(video, asked), ratio: signal(0) }))];
  }

  #first(videos) {
    this.#newest = new Set(videos.map((video) => video.id));
    this.#checked = now();
    this.fresh.value = false;
  }

  // Looks for newer videos, if the last look is so long ago.
  async check(age = 0) {
    if (this.#pending || now() - this.#checked < age) return;
    const asked = this.#checked = now();
    const { videos } = await fetchers[this.name](0, this.user);
    for (const video of videos) keepVideo(video, asked);
    if (!videos.length || this.#newest.has(videos[0].id)) return;
    if (this.items.peek().length) this.fresh.value = true;
    else await this.more();
  }

  // The newest, in place of all that was there.
  async renew() {
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

  // This video is no more.
  drop(id) {
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

  // The viewer has come to this position.
  reach(index) {
    this.index = index;
    if (index - this.base > 2 * BEHIND) this.#forget(index - BEHIND);
    if (this.state.peek() === 'ready' && index + AHEAD >= this.end) this.more();
  }

  #forget(base) {
    const left = this.items.peek().slice(base - this.base);
    this.base = base;
    for (const at of this.starts) if (at < base) this.starts.delete(at);
    this.items.value = left;
  }

  // The position of this video in what is there, -1 if it is not in it.
  where(id) {
    const at = this.items.peek().findIndex((item) => item.id === id);
    return at < 0 ? at : this.base + at;
  }

  // The same, of all that there is.
  async find(id) {
    for (let n = 0; n < SEARCHED; n++) {
      const at = this.where(id);
      if (at >= 0 || this.starts.size || this.state.peek() === 'empty') return at;
      await this.more();
      if (this.error) return -1;
    }
    return -1;
  }

  // Whom the viewer follows and what they like depends on who they are.
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

// Its author has deleted this video.
export function dropVideo(id) {
  for (const one of [feed, shown]) one?.drop(id);
}

// As early as can be: the answer is on its way while the page is built.
export function startFeed() {
  const first = location.pathname === '/';
  source('feed').more().then(() => first && prime(feed.get(0)));
  let before = me.peek();
  me.subscribe((now) => {
    if (now && now !== before) feed.refresh().catch(() => {});
    before = now;
  });
}
