// Is there a way to the server? The browser knows only whether there is a network. So what has failed
// is looked into; and while there is no way, the server is looked for, more and more seldom.
import { signal } from '@preact/signals';

const WAITS = [1000, 2000, 4000, 8000, 15000];
// After so long without a failure the next one is taken for a first one.
const CALM = 60000;
const PATIENCE = 10000;
// Small, and needs no database.
const PROBE = '/douyin/publish/limits/';

// There is none: pages say so as long as it is true.
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

// Looks for the server now: can it be reached?
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

// Resolves when the server can be reached, after a moment at the earliest: what failed for a reason
// of its own does not fail all the time.
export function reached() {
  return new Promise((resolve) => {
    waiting.add(resolve);
    plan();
  });
}

// Is what fails here on the server's side of the line? A page from another origin tells no status.
export async function reaches(url) {
  try {
    const { status } = await fetch(url, { method: 'HEAD', mode: 'no-cors', cache: 'no-store' });
    return status < 500 && status !== 429;
  } catch {
    return new URL(url, location.href).origin === location.origin && reach();
  }
}

addEventListener('online', () => (lost.peek() || waiting.size) && tryAgain());
