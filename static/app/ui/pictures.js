// Pictures that failed to load for lack of a connection: shown empty instead of as broken, and loaded
// again when the server can be reached.
import { reach, reached } from '../connection.js';

const EMPTY = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>";
const lost = new Map();

export function watchPictures() {
  addEventListener('error', async ({ target }) => {
    if (target.tagName !== 'IMG') return;
    const { src } = target;
    if ((await reach()) || target.src !== src) return;
    if (!lost.size) reached().then(bring);
    lost.set(target, src);
    target.src = EMPTY;
  }, true);
}

function bring() {
  const all = [...lost];
  lost.clear();
  for (const [picture, src] of all) if (picture.src === EMPTY) picture.src = src;
}
