// The current upload. It continues while other pages are shown, waits for a lost connection, and asks
// for a new login when the token has expired.
import { signal } from '@preact/signals';
import { BAD_TOKEN, get, isCancelled, isTransient } from '../api.js';
import { checkServer, unreachable } from '../connection.js';
import { t } from '../i18n.js';
import { page } from '../router.js';
import { session, expireSession } from '../session.js';
import { patchUser } from '../store.js';
import { toast } from '../ui/toast.js';
import { dropUpload, keepUpload } from './keep.js';
import { plainUpload } from './plain.js';
import { deleteUpload, resumableUpload } from './resumable.js';
import { Speed } from './speed.js';

const BACKOFF_MS = [1000, 2000, 4000, 8000, 15000, 30000];
const BUSY = [409, 423, 429];
const isRetryable = (error) => isTransient(error) || BUSY.includes(error.status) || BUSY.includes(error.code);
const PROGRESS_MS = 250;

// null, or { user, file, title, coverMs, state, sent, speed, error, way } with state 'running',
// 'paused', 'waiting' (for the connection), 'failed' or 'done'; way 'resumable' or 'plain'.
export const job = signal(null);

const lock = (user) => `dousheng.upload.${user}`;
let release = () => {};

const speed = new Speed();
let stop = () => {};
// The number of the current attempt; events of earlier ones are ignored.
let attempt = 0;
let failures = 0;
let timer = 0;
let chunk = Infinity;

const set = (what) => (job.value = { ...job.peek(), ...what });

// After a change of user the upload stops; its file stays stored in the browser for its user.
session.subscribe(({ id }) => job.peek() && job.peek().user !== id && drop());

unreachable.subscribe((is) => !is && job.peek()?.state === 'waiting' && resume());
addEventListener('beforeunload', (event) => {
  if (job.peek()?.state === 'running' || job.peek()?.state === 'waiting') event.preventDefault();
});

// upload: { file, title, coverMs }; limits: the reply of /publish/limits/.
export function startUpload(upload, limits) {
  chunk = limits?.chunk_bytes ?? Infinity;
  failures = 0;
  const user = session.peek().id;
  job.value = { ...upload, user, state: 'running', sent: 0, speed: 0, error: null, way: 'resumable' };
  keepUpload(user, upload);
  release();
  navigator.locks?.request(lock(user), () => new Promise((resolve) => (release = resolve))).catch(() => {});
  run();
}

// Is another tab running an upload of this user?
export async function busyElsewhere(user) {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return !job.peek() && held.some((one) => one.name === lock(user));
}

// Checks the token first: with an expired one the upload would look deleted.
async function checkLogin() {
  await get('/relation/friend/list/', { count: 1 }, { login: 'ask' });
}

async function run() {
  const mine = ++attempt;
  const isCurrent = () => mine === attempt;
  speed.forget();
  clearTimeout(timer);
  let reported = 0;
  const events = {
    progress(sent) {
      if (!isCurrent()) return;
      speed.note(sent);
      failures = 0;
      if (performance.now() - reported < PROGRESS_MS && sent < job.peek().file.size) return;
      reported = performance.now();
      set({ sent, speed: speed.get() });
    },
    done: () => isCurrent() && finished(),
    failed: (error) => isCurrent() && failed(error),
  };
  try {
    await checkLogin();
    if (!isCurrent()) return;
    const { way } = job.peek();
    const abort = way === 'plain' ? plainUpload(job.peek(), events) : await resumable(events, isCurrent);
    if (isCurrent()) stop = abort;
    else abort();
  } catch (error) {
    if (isCurrent()) failed(error);
  }
}

// Falls back to a plain upload if the tus module cannot be loaded.
async function resumable(events, isCurrent) {
  try {
    return await resumableUpload(job.peek(), chunk, events);
  } catch (error) {
    if (!isCurrent()) throw error;
    set({ way: 'plain' });
    return plainUpload(job.peek(), events);
  }
}

function failed(error) {
  if (error.code === BAD_TOKEN || error.status === 401) {
    expireSession();
    run();
  } else if (error.unsupported && job.peek().way === 'resumable') {
    set({ way: 'plain', sent: 0 });
    run();
  } else if (isCancelled(error)) {
    set({ state: 'paused', speed: 0 });
  } else if (isRetryable(error)) {
    checkServer();
    set({ state: 'waiting', speed: 0, error });
    timer = setTimeout(resume, BACKOFF_MS[Math.min(failures++, BACKOFF_MS.length - 1)]);
  } else {
    set({ state: 'failed', speed: 0, error });
    // The page still has the file, so the user can change the title. After a reload it is gone.
    dropUpload(job.peek().user);
  }
}

async function finished() {
  const id = job.peek().user;
  release();
  set({ state: 'done', sent: job.peek().file.size, speed: 0 });
  patchUser(id, (user) => ({ work_count: (user.work_count ?? 0) + 1 }));
  if (page.peek().name !== 'publish') toast(t('publish.done'), 'good');
  await dropUpload(id);
}

export function pause() {
  attempt++;
  clearTimeout(timer);
  stop();
  set({ state: 'paused', speed: 0 });
}

function drop() {
  pause();
  release();
  job.value = null;
}

export function resume() {
  set({ state: 'running', error: null });
  run();
}

// Cancels the upload, and deletes what the server has of it.
export async function cancel() {
  const { file, state, user } = job.peek();
  drop();
  await dropUpload(user);
  if (state !== 'done') await deleteUpload(file).catch(() => {});
}

// Removes a finished or failed upload, so that another can begin.
export const forgetJob = () => job.peek() && drop();
