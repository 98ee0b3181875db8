// Keyboard shortcuts of the feed. Auto-repeat is ignored. Home is the first video; there is no End.
import { openLayer } from '../layers.js';
import { isAvailable } from '../routes.js';
import { setLike } from '../store.js';
import { muted, seekBy, setSound, togglePause } from './player.js';
import { currentVideo } from './state.js';

const SEEK = 5;

const actions = {
  arrowup: ({ step }) => step(-1),
  arrowdown: ({ step }) => step(1),
  pageup: ({ step }) => step(-1),
  pagedown: ({ step }) => step(1),
  home: ({ first }) => first(),
  end: () => {},
  arrowleft: () => seekBy(-SEEK),
  arrowright: () => seekBy(SEEK),
  ' ': () => togglePause(),
  m: () => setSound(muted.peek()),
  l: () => setLike(currentVideo.peek().peek().id, !currentVideo.peek().peek().is_favorite),
  c: () => isAvailable('comments') && openLayer('comments', { video: currentVideo.peek().peek().id }),
};

// Keys that the focused element handles itself.
function isHandledByElement(key, target) {
  if (target.closest('input:not([type=range]), textarea, select, [contenteditable], .layer')) return true;
  if (key === ' ') return Boolean(target.closest('button, a'));
  return (key === 'arrowleft' || key === 'arrowright') && target.matches('input[type=range]');
}

// With Ctrl (Command on a Mac) these would scroll to the first or last rendered slide.
const withControl = { home: 'home', end: 'end', arrowup: 'home', arrowdown: 'end' };

// go: { step(by), first() }.
export function feedKeys(go, active) {
  return (event) => {
    const pressed = event.key.toLowerCase();
    const key = event.ctrlKey || event.metaKey ? withControl[pressed] : pressed;
    if (!actions[key] || !active() || event.altKey || isHandledByElement(key, event.target)) return;
    event.preventDefault();
    if (!event.repeat && currentVideo.peek()) actions[key](go);
  };
}
