// The keys of the feed. A key that is held down counts once.
import { openLayer } from '../layers.js';
import { offers } from '../routes.js';
import { setLike } from '../store.js';
import { muted, seekBy, setSound, togglePause } from './player.js';
import { currentVideo } from './state.js';

const SEEK = 5;

const actions = {
  arrowup: (step) => step(-1),
  arrowdown: (step) => step(1),
  pageup: (step) => step(-1),
  pagedown: (step) => step(1),
  arrowleft: () => seekBy(-SEEK),
  arrowright: () => seekBy(SEEK),
  ' ': () => togglePause(),
  m: () => setSound(muted.peek()),
  l: () => setLike(currentVideo.peek().peek().id, !currentVideo.peek().peek().is_favorite),
  c: () => offers('comments') && openLayer('comments', { video: currentVideo.peek().peek().id }),
};

// Keys that the element at hand needs for itself.
function taken(key, target) {
  if (target.closest('input:not([type=range]), textarea, select, [contenteditable], .layer')) return true;
  if (key === ' ') return Boolean(target.closest('button, a'));
  return (key === 'arrowleft' || key === 'arrowright') && target.matches('input[type=range]');
}

export function feedKeys(step, active) {
  return (event) => {
    const key = event.key.toLowerCase();
    if (!actions[key] || !active() || event.ctrlKey || event.metaKey || event.altKey || taken(key, event.target)) return;
    event.preventDefault();
    if (!event.repeat && currentVideo.peek()) actions[key](step);
  };
}
