// The current upload. It continues while other pages are shown, waits for a lost connection, and asks
// for a new login when the token has expired.
import { signal } from '@preact/signals';
import { BAD_TOKEN, get, isCancelled, passing } from '../api.js';
import { lost, reach } from '../connection.js';
import { t } from '../i18n.js';
import { page } from '../router.js';
import { session, expireSession } from '../session.js';
import { patchUser } from '../store.js';
import { toast } from '../ui/toast.js';
import { dropUpload, keepUpload } from './keep.js';
import { plainUpload } from './plain.js';
import { giveUp, resumableUpload } from './resumable.js';
import { Speed } from './speed.js';

const WAITS = [1000, 2000, 4000, 8000, 15000, 30000];
const BUSY = [409, 423, 429];
const mayPass = (error) => passing(error) || BUSY.includes(error.status) || BUSY.includes(error.code);
const TELL_EVERY = 250;

// null, or { user, file, title, coverMs, state, sent, speed, error, way } with state 'running',
// 'paused', 'waiting' (for the connection), 'failed' or 'done'; way 'resumable' or 'plain'.
export const job = signal(null);

const lock = (user) => `dousheng.upload.${user}`;
let release = () => {};

const speed = new Speed();
let stop = () => {};
// The number of the current attempt; events of earlier ones are ignored.
let attempt = 0;
let losses = 0;
let timer = 0;
let chunk = Infinity;

const set = (what) => (job.value = { ...job.peek(), ...what });

// After a change of user the upload stops; its file stays stored in the browser for its user.
session.subscribe(({ id }) => job.peek() && job.peek().user !== id && drop());

lost.subscribe((is) => !is && job.peek()?.state === 'waiting' && resume());
addEventListener('beforeunload', (event) => {
  if (job.peek()?.state === 'running' || job.peek()?.state === 'waiting') event.preventDefault();
});

// upload: { file, title, coverMs }; limits: the reply of /publish/limits/.
export function begin(upload, limits) {
  chunk = limits?.chunk_bytes ?? Infinity;
  losses = 0;
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
  const current = () => mine === attempt;
  speed.forget();
  clearTimeout(timer);
  let told = 0;
  const tell = {
    progress(sent) {
      if (!current()) return;
      speed.note(sent);
      losses = 0;
      if (performance.now() - told < TELL_EVERY && sent < job.peek().file.size) return;
      told = performance.now();
      set({ sent, speed: speed.get() });
    },
    done: () => current() && finished(),
    failed: (error) => current() && failed(error),
  };
  try {
    await checkLogin();
    if (!current()) return;
    const { way } = job.peek();
    const halt = way === 'plain' ? plainUpload(job.peek(), tell) : await resumable(tell, current);
    if (current()) stop = halt;
    else halt();
  } catch (error) {
    if (current()) failed(error);
  }
}

// Falls back to a plain upload if the tus module cannot be loaded.
async function resumable(tell, current) {
  try {
    return await resumableUpload(job.peek(), chunk, tell);
  } catch (error) {
    if (!current()) throw error;
    set({ way: 'plain' });
    return plainUpload(job.peek(), tell);
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
  } else if (mayPass(error)) {
    reach();
    set({ state: 'waiting', speed: 0, error });
    timer = setTimeout(resume, WAITS[Math.min(losses++, WAITS.length - 1)]);
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
  if (state !== 'done') await giveUp(file).catch(() => {});
}

// Removes a finished or failed upload, so that another can begin.
export const forgetJob = () => job.peek() && drop();
