// Pictures that did not come for want of a connection are empty, no broken signs, and come later.
const EMPTY = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>";
const lost = new Map();

export function watchPictures() {
  addEventListener('error', ({ target }) => {
    if (target.tagName !== 'IMG' || navigator.onLine) return;
    lost.set(target, target.src);
    target.src = EMPTY;
  }, true);
  addEventListener('online', () => {
    for (const [picture, src] of lost) if (picture.src === EMPTY) picture.src = src;
    lost.clear();
  });
}
