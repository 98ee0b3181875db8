// gestures.mjs: gestures as events of the touch screen, wheel or keyboard. Each function is
// one gesture; `n` is how many came before; `way` is 1 for the next video, -1 for the one before.
import { setTimeout as pause } from 'node:timers/promises';

const sessions = new WeakMap();

async function devtools(page) {
  if (!sessions.has(page)) sessions.set(page, await page.context().newCDPSession(page));
  return sessions.get(page);
}

const X = 180;

// A touch at these heights in turn, `ms` apart.
async function finger(page, heights, ms) {
  const session = await devtools(page);
  const touch = (type, y) => session.send('Input.dispatchTouchEvent', { type, touchPoints: y === undefined ? [] : [{ x: X, y }] });
  await touch('touchStart', heights[0]);
  for (const y of heights.slice(1)) {
    await pause(ms);
    await touch('touchMove', y);
  }
  await touch('touchEnd');
}

const line = (from, to, steps) => Array.from({ length: steps + 1 }, (_, i) => from + ((to - from) * i) / steps);
const turned = (heights, way) => (way > 0 ? heights : heights.map((y) => 844 - y));

// Across most of the screen, faster each time.
export const drag = (page, n, way = 1) => finger(page, turned(line(700, 200, 20 - n), way), 16);

// So fast that the browser adds inertia.
export const fling = (page, n, way = 1) => finger(page, turned(line(700, 160 - 5 * n, 5), way), 8);

// Less than a fifth of the screen.
export const nudge = (page, n, way = 1) => finger(page, turned(line(500, 380 - 5 * n, 12), way), 30);

// Up, and down again.
export const regret = (page) => finger(page, [...line(600, 350, 10), ...line(350, 590, 10)], 16);

async function wheel(page, deltas, ms, way) {
  const session = await devtools(page);
  let time = Date.now() / 1000;
  for (const delta of deltas)
    await session.send('Input.dispatchMouseEvent',
      { type: 'mouseWheel', x: 600, y: 400, deltaX: 0, deltaY: way * delta, timestamp: (time += ms / 1000) });
}

export const notch = (page, n, way = 1) => wheel(page, [120], 0, way);

// The events of a touchpad: about 40, of decreasing strength.
const inertia = (strongest) => Array.from({ length: 40 }, (_, i) => Math.max(1, Math.round(strongest * 0.88 ** i)));
export const flick = (page, n, way = 1) => wheel(page, [4, 20, ...inertia(60 + 30 * n)], 16, way);

export const press = (page, n, way = 1) => page.keyboard.press(way > 0 ? 'ArrowDown' : 'ArrowUp');

// A held key repeats.
export async function hold(page) {
  for (let i = 0; i < 15; i++) await page.keyboard.down('ArrowDown');
  await page.keyboard.up('ArrowDown');
}
