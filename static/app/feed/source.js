// Where the feed's videos come from: all, newest first; or one user's works or likes. A source
// has no end: after its last video it starts over.
import { signal } from '@preact/signals';
import { get, passing } from '../api.js';
import { reached } from '../connection.js';
import { me } from '../session.js';
import { keepVideo, now } from '../store.js';
import { prime } from './player.js';

const PAGE = 30;
// How far ahead of the viewer the list is kept filled.
const AHEAD = 5;
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

class Source {
  // { key, id, video }: the same video has another key each time it comes around.
  items = signal([]);
  // 'loading', 'ready', 'empty' or 'failed' (then with `error`).
  state = signal('loading');
  error = null;
  // Is the video that the address names still being looked for?
  seeking = signal(false);
  // Where the viewer is, kept while they look at something else.
  index = 0;
  // The positions at which it has started over.
  starts = new Set();
  #cursor = 0;
  #pending = null;
  #pages = [];

  constructor(name, user) {
    this.name = name;
    this.user = user;
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
      if (this.#cursor === 0 && this.items.peek().length) this.starts.add(this.items.peek().length);
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
    const before = this.items.peek();
    this.#pages = [...this.#pages.slice(-3), this.#cursor];
    this.#cursor = next;
    this.items.value = [...before, ...videos.map((video, i) =>
      ({ key: before.length + i, id: video.id, video: keepVideo(video, asked) }))];
  }

  retry() {
    this.state.value = 'loading';
    return this.more();
  }

  // The viewer has come to this position.
  reach(index) {
    this.index = index;
    if (this.state.peek() === 'ready' && index + AHEAD >= this.items.peek().length) this.more();
  }

  // The position of this video, -1 if it is not there.
  async find(id) {
    for (let n = 0; n < SEARCHED; n++) {
      const at = this.items.peek().findIndex((item) => item.id === id);
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

export function source(name, user = 0) {
  if (name !== 'feed') return new Source(name, user);
  feed ??= new Source('feed', 0);
  return feed;
}

// As early as can be: the answer is on its way while the page is built.
export function startFeed() {
  const shown = location.pathname === '/';
  source('feed').more().then(() => shown && prime(feed.items.peek()));
  let before = me.peek();
  me.subscribe((now) => {
    if (now && now !== before) feed.refresh().catch(() => {});
    before = now;
  });
}
