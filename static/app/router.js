// The address bar. `page` is what it shows: { name, load, props, path }. main.js registers the pages
// (routes.js), because pages themselves import navigate() and <Link> from here.
import { computed, signal } from '@preact/signals';
import { html } from './html.js';
import { closeLayersAbove, historySettled, stack } from './layers.js';

// Removes duplicate slashes and one at the end.
const normalize = (text) => text.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
const path = signal(normalize(location.pathname));
const pages = signal([]);

export const page = computed(() => {
  for (const one of pages.value) {
    const match = one.path.exec(path.value);
    if (match) return { ...one, props: { ...match.groups }, path: path.value };
  }
  return { name: '', props: {}, path: path.value };
});

// Goes to another page. Open layers are closed, and the new page takes over their history entry.
// `replace`: also take over the entry of the current page.
export async function navigate(to, { replace = false } = {}) {
  await historySettled();
  const layers = stack.peek().length;
  if (to === path.peek() && !layers) return;
  history[layers || replace ? 'replaceState' : 'pushState']({}, '', to);
  closeLayersAbove(0);
  path.value = normalize(location.pathname);
}

// A link that navigates without reloading the page.
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
    closeLayersAbove(event.state?.layers ?? 0);
    path.value = normalize(location.pathname);
  });
}
