// Covers of videos. Each opens the feed of its list, at itself. One's own works are there from
// the moment of their upload: with how far they are, or why they failed.
import { useEffect, useRef } from 'preact/hooks';
import { get, isCancelled, post } from '../api.js';
import { html } from '../html.js';
import { count, t } from '../i18n.js';
import { Link } from '../router.js';
import { me } from '../session.js';
import { keepVideo, now, patchUser, videoSignal } from '../store.js';
import { ConfirmButton } from '../ui/confirm.js';
import { Icon } from '../ui/icon.js';
import { More } from '../ui/paged.js';
import { Empty } from '../ui/parts.js';
import { usePoll } from '../ui/poll.js';
import { toast } from '../ui/toast.js';

const PAUSE = 1000;
const GONE = 1202;

const change = (list, id, what) =>
  (list.items.value = list.items.peek().map((one) => (one.id === id ? { ...one, ...what } : one)));

async function remove(list, video) {
  const before = list.items.peek();
  list.items.value = before.filter((one) => one.id !== video.id);
  try {
    await post('/publish/delete/', { video_id: video.id });
  } catch (error) {
    if (error.code !== GONE) {
      list.items.value = before;
      if (!isCancelled(error)) toast(error.message, 'bad');
      return;
    }
  }
  patchUser(me.peek(), (user) => ({ work_count: Math.max(0, (user.work_count ?? 1) - 1) }));
  toast(t('profile.deleted'), 'good');
}

async function retry(list, video) {
  change(list, video.id, { status: 'processing', progress: 0, reason: '' });
  try {
    await post('/publish/retry/', { video_id: video.id });
  } catch (error) {
    change(list, video.id, { status: 'failed', reason: video.reason });
    if (!isCancelled(error)) toast(error.message, 'bad');
  }
}

function Processing({ video }) {
  return html`<div class="cell-state">
    <progress max="100" value=${video.progress} aria-label=${t('profile.processing')}></progress>
    <span>${t('profile.processing')} <b data-testid="work-progress">${video.progress}%</b></span>
  </div>`;
}

function Failed({ video, list }) {
  return html`<div class="cell-state failed">
    <${Icon} name="alert" /><span data-testid="work-reason">${video.reason}</span>
    <button class="button small" data-testid="work-retry" onClick=${() => retry(list, video)}>${t('retry')}</button>
  </div>`;
}

function Cell({ one, list, user, tab }) {
  const video = videoSignal(one.id)?.value ?? one;
  const status = one.status ?? 'ready';
  const own = tab === 'works' && user.id === me.value;
  const href = tab === 'works' ? `/u/${user.id}/v/${one.id}` : `/u/${user.id}/likes/${one.id}`;
  const cover = html`<img src=${one.cover_url} alt="" loading="lazy" decoding="async" />
    <span class="cell-title">${one.title}</span>`;
  return html`<li class="cell" data-testid="work" data-video-id=${one.id} data-status=${status}>
    ${status === 'ready'
      ? html`<${Link} class="cell-cover" href=${href} aria-label=${`${one.title}, ${t('feed.likes', { n: video.favorite_count })}`}>${cover}
          <span class="cell-count"><${Icon} name="heart" filled />${count(video.favorite_count)}</span><//>`
      : html`<div class="cell-cover">${cover}</div>`}
    ${status === 'processing' && html`<${Processing} video=${one} />`}
    ${status === 'failed' && html`<${Failed} video=${one} list=${list} />`}
    ${own && html`<${ConfirmButton} label=${t('profile.delete', { title: one.title })} testid="work-delete" done=${() => remove(list, one)} />`}
  </li>`;
}

// Looks after what is in processing, and tells when it is done.
function useProgress(list, user) {
  const busy = list.items.value.some((one) => one.status === 'processing');
  const before = useRef(new Map());
  const ask = async () => {
    const asked = now();
    const { video_list: videos } = await get('/publish/list/', { user_id: user.id, count: 30 }, { login: 'quiet' });
    for (const video of videos) {
      keepVideo(video, asked);
      change(list, video.id, video);
    }
  };
  usePoll(ask, PAUSE, busy && user.id === me.value, [list]);
  useEffect(() => {
    for (const { id, status, title } of list.items.peek()) {
      const was = before.current.get(id);
      if (was === 'processing' && status === 'ready') toast(t('profile.ready', { title }), 'good');
      if (was === 'processing' && status === 'failed') toast(t('profile.failed', { title }), 'bad');
      before.current.set(id, status);
    }
  }, [list.items.value]);
}

export function Grid({ list, user, tab }) {
  const videos = list.items.value;
  useProgress(list, user);
  return html`${!videos.length && list.state.value === 'end' && html`<${Empty} icon="film" text=${t(`profile.no.${tab}`)} />`}
    <ul class="grid" data-testid=${`grid-${tab}`}>
      ${videos.map((one) => html`<${Cell} key=${one.id} one=${one} list=${list} user=${user} tab=${tab} />`)}
    </ul>
    <${More} list=${list} />`;
}
