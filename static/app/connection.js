// Whether the server can be reached. navigator.onLine only knows about the network, so after a failed
// request the server is probed; while it cannot be reached, with exponential backoff.
import { signal } from '@preact/signals';

const WAITS = [1000, 2000, 4000, 8000, 15000];
// After this time without a failure the backoff starts from the beginning.
const CALM = 60000;
const PATIENCE = 10000;
// A small reply that needs no database.
const PROBE = '/douyin/publish/limits/';

// True while the server cannot be reached; shell.js shows a notice.
export const lost = signal(false);

const waiting = new Set();
let looking = null;
let failures = 0;
let last = -Infinity;
let timer = 0;

async function look() {
  const control = new AbortController();
  const late = setTimeout(() => control.abort(), PATIENCE);
  try {
    const { status } = await fetch(PROBE, { cache: 'no-store', signal: control.signal });
    lost.value = status >= 500;
  } catch {
    lost.value = true;
  } finally {
    clearTimeout(late);
  }
  if (lost.peek()) plan();
  return !lost.peek();
}

// Probes the server now. Resolves to true if it can be reached.
export const reach = () => (looking ??= look().finally(() => (looking = null)));

function plan() {
  if (timer) return;
  const now = performance.now();
  failures = now - last > CALM ? 0 : failures + 1;
  last = now;
  timer = setTimeout(tryAgain, WAITS[Math.min(failures, WAITS.length - 1)]);
}

async function tryAgain() {
  clearTimeout(timer);
  timer = 0;
  if (!(await reach())) return;
  const all = [...waiting];
  waiting.clear();
  for (const go of all) go();
}

// Resolves when the server can be reached, but not immediately: a request that fails for another reason
// must not be retried in a tight loop.
export function reached() {
  return new Promise((resolve) => {
    waiting.add(resolve);
    plan();
  });
}

// True if `url` itself can be fetched, so that a failure to play it is the file's. The status of another
// origin is not readable; then any response counts.
export async function reaches(url) {
  try {
    const { status } = await fetch(url, { method: 'HEAD', mode: 'no-cors', cache: 'no-store' });
    return status < 500 && status !== 429;
  } catch {
    return new URL(url, location.href).origin === location.origin && reach();
  }
}

addEventListener('online', () => (lost.peek() || waiting.size) && tryAgain());
