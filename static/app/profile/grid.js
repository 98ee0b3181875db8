// A grid of covers; each opens the feed of its list at that video. A user's own works appear right
// after the upload, with their progress, the reason of a failure, or a notice.
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, isCancelled, post } from '../api.js';
import { removeVideo } from '../feed/source.js';
import { html } from '../html.js';
import { count, t } from '../i18n.js';
import { Link } from '../router.js';
import { me } from '../session.js';
import { keepUser, keepVideo, now, videoSignal } from '../store.js';
import { ConfirmButton } from '../ui/confirm.js';
import { Icon } from '../ui/icon.js';
import { More } from '../ui/paged.js';
import { Empty } from '../ui/parts.js';
import { usePoll } from '../ui/poll.js';
import { toast } from '../ui/toast.js';

const POLL_MS = 1000;
const NO_SUCH_VIDEO = 1202;
const CANNOT_RETRY = 1310;

const ready = (video) => (video.status ?? 'ready') === 'ready';

// Shortens a title for use in a notice.
const shortTitle = (title) => ([...title].length > 30 ? `${[...title].slice(0, 29).join('')}…` : title);

const change = (list, id, what) =>
  (list.items.value = list.items.peek().map((one) => (one.id === id ? { ...one, ...what } : one)));

// Reloads work_count from the server, which does not count failed works.
async function recount() {
  const asked = now();
  keepUser((await get('/user/', { user_id: me.peek() })).user, asked);
}

async function remove(list, video) {
  const before = list.items.peek();
  list.items.value = before.filter((one) => one.id !== video.id);
  try {
    await post('/publish/delete/', { video_id: video.id });
  } catch (error) {
    if (error.code !== NO_SUCH_VIDEO) {
      list.items.value = before;
      if (!isCancelled(error)) toast(error.message, 'bad');
      return;
    }
  }
  removeVideo(video.id);
  recount().catch(() => {});
  toast(t('profile.deleted'), 'good');
}

async function retry(list, video) {
  change(list, video.id, { status: 'processing', progress: 0, reason: '' });
  try {
    await post('/publish/retry/', { video_id: video.id });
  } catch (error) {
    change(list, video.id, { status: 'failed', reason: video.reason, can_retry: error.code !== CANNOT_RETRY });
    if (!isCancelled(error)) toast(error.message, 'bad');
  }
}

const Delete = ({ list, video }) => html`<${ConfirmButton} label=${t('profile.delete', { title: video.title })}
  testid="work-delete" done=${() => remove(list, video)} />`;

const cover = (video) => html`<img src=${video.cover_url} alt="" loading="lazy" decoding="async" />`;

// A work that is being processed or has failed.
function UnfinishedWork({ video, list }) {
  const failed = video.status === 'failed';
  return html`<li class=${failed ? 'making failed' : 'making'} data-testid="work" data-video-id=${video.id} data-status=${video.status}>
    <div class="making-text"><b class="user-text">${video.title}</b>
      ${failed
        ? html`<span data-testid="work-reason"><${Icon} name="alert" />${video.reason}</span>`
        : html`<progress max="100" value=${video.progress} aria-label=${t('profile.processing')}></progress>
          <span class="soft">${t('profile.processing')} <span data-testid="work-progress">${video.progress}%</span></span>`}
    </div>
    ${failed && video.can_retry && html`<button class="button small" data-testid="work-retry" onClick=${() => retry(list, video)}>${t('retry')}</button>`}
    <${Delete} list=${list} video=${video} />
  </li>`;
}

function Cell({ one, list, user, tab, managed }) {
  const video = videoSignal(one.id)?.value ?? one;
  const href = tab === 'works' ? `/u/${user.id}/v/${one.id}` : `/u/${user.id}/likes/${one.id}`;
  return html`<li class="cell" data-testid="work" data-video-id=${one.id} data-status="ready">
    <${Link} class="cell-cover" href=${href}>${cover(one)}
      <span class="cell-title">${one.title}</span>
      <span class="cell-count"><${Icon} name="heart" filled /><span aria-hidden="true">${count(video.favorite_count)}</span>
        <span class="unseen">${t('feed.likes', { n: video.favorite_count })}</span></span><//>
    ${one.notice && html`<p class="cell-notice" title=${one.notice} data-testid="work-notice"><${Icon} name="alert" />${one.notice}</p>`}
    ${managed && html`<${Delete} list=${list} video=${one} />`}
  </li>`;
}

// Polls while a work is processing, or has only its small rendition; shows a notice when it is done.
function useProgress(list, user) {
  const busy = list.items.value.some((one) => one.status === 'processing' || one.full_coming);
  const before = useRef(new Map());
  const ask = async () => {
    const asked = now();
    const { video_list: videos } = await get('/publish/list/', { user_id: user.id, count: 30 }, { login: 'quiet' });
    for (const video of videos) {
      keepVideo(video, asked);
      change(list, video.id, video);
    }
  };
  usePoll(ask, POLL_MS, busy && user.id === me.value, [list]);
  useEffect(() => {
    for (const { id, status, title } of list.items.peek()) {
      const was = before.current.get(id);
      if (was === 'processing' && status === 'ready') toast(t('profile.ready', { title: shortTitle(title) }), 'good');
      if (was === 'processing' && status === 'failed') toast(t('profile.failed', { title: shortTitle(title) }), 'bad');
      if (was === 'processing' && status !== was) recount().catch(() => {});
      before.current.set(id, status);
    }
  }, [list.items.value]);
}

export function Grid({ list, user, tab }) {
  const videos = list.items.value;
  const unfinished = videos.filter((one) => !ready(one));
  const shown = videos.filter(ready);
  const [managed, setManaged] = useState(false);
  useProgress(list, user);
  return html`${!videos.length && list.state.value === 'end' && html`<${Empty} icon="film" text=${t(`profile.no.${tab}`)} />`}
    ${unfinished.length > 0 && html`<ul class="makings" data-testid="making">
      ${unfinished.map((one) => html`<${UnfinishedWork} key=${one.id} video=${one} list=${list} />`)}</ul>`}
    ${tab === 'works' && user.id === me.value && shown.length > 0 && html`<div class="grid-manage">
      <button class="button small quiet" aria-pressed=${String(managed)} data-testid="works-manage" onClick=${() => setManaged(!managed)}>
        ${!managed && html`<${Icon} name="trash" />`}${t(managed ? 'profile.manageDone' : 'profile.manage')}</button></div>`}
    <ul class="grid" data-testid=${`grid-${tab}`}>
      ${shown.map((one) => html`<${Cell} key=${one.id} ...${{ one, list, user, tab, managed }} />`)}
    </ul>
    <${More} list=${list} />`;
}
