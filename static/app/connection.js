// Whether the server can be reached. navigator.onLine only knows about the network, so after a failed
// request the server is probed; while it cannot be reached, with exponential backoff.
import { signal } from '@preact/signals';

const BACKOFF_MS = [1000, 2000, 4000, 8000, 15000];
// After this time without a failure the backoff starts from the beginning.
const BACKOFF_RESET_MS = 60000;
const TIMEOUT_MS = 10000;
// A small reply that needs no database.
const PROBE = '/douyin/publish/limits/';

// True while the server cannot be reached; shell.js shows a notice.
export const unreachable = signal(false);

const waiters = new Set();
let probing = null;
let failures = 0;
let last = -Infinity;
let timer = 0;

async function probe() {
  const controller = new AbortController();
  const timeout = setTimeout(() => controller.abort(), TIMEOUT_MS);
  try {
    const { status } = await fetch(PROBE, { cache: 'no-store', signal: controller.signal });
    unreachable.value = status >= 500;
  } catch {
    unreachable.value = true;
  } finally {
    clearTimeout(timeout);
  }
  if (unreachable.peek()) scheduleRetry();
  return !unreachable.peek();
}

// Probes the server now. Resolves to true if it can be reached.
export const checkServer = () => (probing ??= probe().finally(() => (probing = null)));

function scheduleRetry() {
  if (timer) return;
  const now = performance.now();
  failures = now - last > BACKOFF_RESET_MS ? 0 : failures + 1;
  last = now;
  timer = setTimeout(retry, BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)]);
}

async function retry() {
  clearTimeout(timer);
  timer = 0;
  if (!(await checkServer())) return;
  const resolved = [...waiters];
  waiters.clear();
  for (const resume of resolved) resume();
}

// Resolves when the server can be reached, but not immediately: a request that fails for another reason
// must not be retried in a tight loop.
export function whenReachable() {
  return new Promise((resolve) => {
    waiters.add(resolve);
    scheduleRetry();
  });
}

// True if `url` itself can be fetched, so that a failure to play it is the file's. The status of another
// origin is not readable; then any response counts.
export async function isFetchable(url) {
  try {
    const { status } = await fetch(url, { method: 'HEAD', mode: 'no-cors', cache: 'no-store' });
    return status < 500 && status !== 429;
  } catch {
    return new URL(url, location.href).origin === location.origin && checkServer();
  }
}

addEventListener('online', () => (unreachable.peek() || waiters.size) && retry());
