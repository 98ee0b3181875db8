// wheel.mjs: feeds events of wheels and touchpads to the feed's gesture detection. Prints a line for each:
// the input and the number of gestures detected.
import { wheelGestures } from '../../../static/app/feed/wheel.js';

let now = 0;

const told = (events) => {
  const step = wheelGestures();
  return events.map((event) => step({ deltaMode: 0, wheelDeltaY: -3 * event.deltaY, ...event })).filter(Boolean).length;
};
// A flick: strength rises over four events, then falls over `n`.
const flick = (peak, n, ms, sign = 1) => [0.03, 0.25, 0.5, 1, ...Array.from({ length: n }, (_, k) => Math.exp((-5 * k) / n))]
  .map((part) => ({ deltaY: sign * Math.max(1, Math.round(part * peak)), timeStamp: (now += ms) }));
const notches = (n, ms, event = { deltaY: 100, wheelDeltaY: -120 }) =>
  Array.from({ length: n }, () => ({ ...event, timeStamp: (now += ms) }));
const pause = (ms) => ((now += ms), []);

const cases = {
  'a flick': () => flick(140, 60, 16),
  'a violent flick': () => flick(900, 90, 8),
  'a flick upwards': () => flick(140, 60, 16, -1),
  'a flick whose end falters': () => [...flick(140, 40, 16), ...pause(500), { deltaY: 1, timeStamp: now }],
  'a flick into the end of another': () => [...flick(140, 40, 16), ...flick(140, 60, 16)],
  'a flick back': () => [...flick(140, 40, 16), ...flick(140, 60, 16, -1)],
  'two flicks with a pause': () => [...flick(140, 60, 16), ...pause(300), ...flick(90, 60, 16)],
  'a gentle flick after one that was held': () => [...flick(140, 5, 16), ...pause(500), ...flick(60, 40, 16)],
  'five notches': () => notches(5, 120),
  'five notches in lines': () => notches(5, 120, { deltaY: 3, deltaMode: 1 }),
  'a wheel that is spun': () => notches(8, 20),
};
for (const [name, events] of Object.entries(cases)) console.log(`${name}: ${told(events())}`);
