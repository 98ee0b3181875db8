// Pictures that failed to load for lack of a connection: shown empty instead of as broken, and loaded
// again when the server can be reached.
import { checkServer, whenReachable } from '../connection.js';

const EMPTY = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>";
const failed = new Map();

export function watchPictures() {
  addEventListener('error', async ({ target }) => {
    if (target.tagName !== 'IMG') return;
    const { src } = target;
    if ((await checkServer()) || target.src !== src) return;
    if (!failed.size) whenReachable().then(reloadFailed);
    failed.set(target, src);
    target.src = EMPTY;
  }, true);
}

function reloadFailed() {
  const all = [...failed];
  failed.clear();
  for (const [picture, src] of all) if (picture.src === EMPTY) picture.src = src;
}
