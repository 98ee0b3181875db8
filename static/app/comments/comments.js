// The drawer with a video's comments.
import { useEffect, useMemo } from 'preact/hooks';
import { get, isCancelled, post, requireLogin } from '../api.js';
import { currentVideo } from '../feed/state.js';
import { html } from '../html.js';
import { lang, t } from '../i18n.js';
import { stack } from '../layers.js';
import { Link } from '../router.js';
import { me, session } from '../session.js';
import { patchVideo, userSignal, videoSignal } from '../store.js';
import { Composer } from '../ui/composer.js';
import { ConfirmButton } from '../ui/confirm.js';
import { Drawer } from '../ui/layer.js';
import { wide } from '../ui/media.js';
import { More, Paged } from '../ui/paged.js';
import { Avatar, Empty } from '../ui/parts.js';
import { toast } from '../ui/toast.js';
import css from 'css:./comments.css';

export const styles = css;

const PAGE = 20;
const LONGEST = 500;
const GONE = 1203;
const drafts = new Map();
let posted = 0;

async function fetchPage(video, cursor) {
  const reply = await get('/comment/list/', { video_id: video, count: PAGE, cursor: cursor || undefined });
  const complete = !cursor && !reply.next_cursor;
  if (complete) patchVideo(video, { comment_count: reply.comment_list.length });
  return { items: reply.comment_list, next: reply.next_cursor };
}

const counted = (video, by) =>
  patchVideo(video, (now) => ({ comment_count: Math.max(0, now.comment_count + by) }));

const today = () => {
  const now = new Date();
  return `${String(now.getMonth() + 1).padStart(2, '0')}-${String(now.getDate()).padStart(2, '0')}`;
};

// Adds a comment; it is shown before the server confirms it. False if the request failed.
async function write(list, video, text) {
  let draft = null;
  try {
    await requireLogin();
    const user = { ...userSignal(me.peek()).peek(), name: session.peek().name };
    draft = { id: `new-${++posted}`, user, content: text, create_date: today(), pending: true };
    list.items.value = [draft, ...list.items.peek()];
    counted(video, 1);
    const { comment } = await post('/comment/action/', { video_id: video, action_type: 1, comment_text: text });
    const others = list.items.peek().filter((one) => one.id !== comment.id);
    list.items.value = others.map((one) => (one === draft ? { ...comment, key: draft.id } : one));
    return true;
  } catch (error) {
    if (draft) {
      list.items.value = list.items.peek().filter((one) => one !== draft);
      counted(video, -1);
    }
    if (!isCancelled(error)) toast(error.message, 'bad');
    return false;
  }
}

async function remove(list, video, comment) {
  const before = list.items.peek();
  list.items.value = before.filter((one) => one.id !== comment.id);
  counted(video, -1);
  try {
    await post('/comment/action/', { video_id: video, action_type: 2, comment_id: comment.id });
  } catch (error) {
    if (error.code === GONE) return;
    const now = list.items.peek();
    const at = Math.min(before.indexOf(comment), now.length);
    list.items.value = [...now.slice(0, at), comment, ...now.slice(at)];
    counted(video, 1);
    if (!isCancelled(error)) toast(error.message, 'bad');
  }
}

// Formats the API's "11-20" (month-day) for the selected language.
function day(text) {
  const [month, date] = text.split('-').map(Number);
  if (!date) return text;
  return new Intl.DateTimeFormat(lang.value, { month: 'short', day: 'numeric' }).format(new Date(2024, month - 1, date));
}

function Comment({ comment, onRemove }) {
  const { user } = comment;
  return html`<li class=${comment.pending ? 'comment pending' : 'comment'} data-testid="comment" data-comment-id=${comment.id}>
    <${Link} class="comment-avatar" href=${`/u/${user.id}`} aria-label=${user.name}><${Avatar} user=${user} size="small" /><//>
    <div class="comment-main">
      <${Link} class="comment-name user-text" href=${`/u/${user.id}`} data-testid="comment-author">${user.name}<//>
      <p class="user-text" data-testid="comment-text">${comment.content}</p>
      <span class="soft comment-date">${comment.pending ? t('sending') : day(comment.create_date)}</span>
    </div>
    ${user.id === me.value && !comment.pending && html`<${ConfirmButton} label=${t('comments.delete')}
      testid="comment-delete" done=${onRemove} />`}
  </li>`;
}

function List({ list, video }) {
  const items = list.items.value;
  return html`${!items.length && list.state.value === 'end' && html`<${Empty} icon="comment" text=${t('comments.empty')} />`}
    <ol class="comments" aria-label=${t('feed.comment')} data-testid="comment-list">
      ${items.map((one) => html`<${Comment} key=${one.key ?? one.id} comment=${one} onRemove=${() => remove(list, video, one)} />`)}
    </ol>
    <${More} list=${list} />`;
}

// Non-modal beside the feed: the feed's keys keep working, and Escape closes the drawer.
function useBeside(beside, onClose) {
  useEffect(() => {
    const layer = stack.peek().find((one) => one.name === 'comments');
    if (layer) layer.modal = !beside;
    if (!beside) return;
    const key = (event) => event.key === 'Escape' && stack.peek().at(-1) === layer && onClose();
    addEventListener('keydown', key);
    return () => removeEventListener('keydown', key);
  }, [beside]);
}

function draftOf(video) {
  for (const [id, { text }] of drafts) if (id !== video && !text) drafts.delete(id);
  return drafts.get(video) ?? drafts.set(video, { text: '' }).get(video);
}

// On wide screens the drawer stays open and follows the current video.
export default function Comments({ video: first, onClose }) {
  const beside = wide.value;
  const video = beside && currentVideo.value ? currentVideo.value.value.id : Number(first);
  const list = useMemo(() => new Paged((cursor) => fetchPage(video, cursor)), [video]);
  useEffect(() => void list.more(), [list]);
  useBeside(beside, onClose);
  const n = videoSignal(video)?.value.comment_count ?? list.items.value.length;
  return html`<${Drawer} title=${t('feed.comments', { n })} onClose=${onClose} testid="comments-drawer" modal=${!beside}
    footer=${html`<${Composer} key=${video} label=${t('comments.write')} max=${LONGEST} testid="comment"
      keep=${draftOf(video)} send=${(text) => write(list, video, text)} />`}>
    <${List} list=${list} video=${video} />
  <//>`;
}
