// The address bar. `page` is what it shows: { name, load, props, path }. main.js registers the pages
// (routes.js), because pages themselves import navigate() and <Link> from here.
import { computed, signal } from '@preact/signals';
import { html } from './html.js';
import { historySettled, layersPopped, stack } from './layers.js';

// With or without a slash at the end, an address is the same page.
const clean = (text) => text.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
const path = signal(clean(location.pathname));
const pages = signal([]);

export const page = computed(() => {
  for (const one of pages.value) {
    const match = one.path.exec(path.value);
    if (match) return { ...one, props: { ...match.groups }, path: path.value };
  }
  return { name: '', props: {}, path: path.value };
});

// Goes to another page. Layers that lie over the present one are closed, and the entry of the
// history that they made becomes the new page's. `replace`: back does not lead here again.
export async function navigate(to, { replace = false } = {}) {
  await historySettled();
  const layers = stack.peek().length;
  if (to === path.peek() && !layers) return;
  history[layers || replace ? 'replaceState' : 'pushState']({}, '', to);
  layersPopped(0);
  path.value = clean(location.pathname);
}

// A link that a plain click follows without loading the page anew.
export function Link({ href, onClick, children, ...rest }) {
  const click = (event) => {
    onClick?.(event);
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    navigate(href);
  };
  const here = page.value.path === href ? 'page' : undefined;
  return html`<a href=${href} onClick=${click} aria-current=${here} ...${rest}>${children}</a>`;
}

export function startRouter(all) {
  pages.value = all;
  history.replaceState({}, '', path.peek() + location.search + location.hash);
  addEventListener('popstate', (event) => {
    layersPopped(event.state?.layers ?? 0);
    path.value = clean(location.pathname);
  });
}
