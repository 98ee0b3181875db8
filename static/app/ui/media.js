// Media queries as signals.
import { signal } from '@preact/signals';

function matches(query) {
  const list = matchMedia(query);
  const one = signal(list.matches);
  list.addEventListener('change', () => (one.value = list.matches));
  return one;
}

// Wide enough for navigation and drawers at the sides; the same width as in the stylesheets.
export const wide = matches('(min-width: 60rem)');

// The user prefers reduced motion.
export const reducedMotion = matches('(prefers-reduced-motion: reduce)');
