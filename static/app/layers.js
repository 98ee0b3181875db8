// The stack of layers (drawers and dialogs) over the page. Each has a history entry, so that the back
// button of a phone closes it, like Escape.
import { signal } from '@preact/signals';

let last = 0;

// From bottom to top: { id, name, props, close(result) }.
export const stack = signal([]);

// history.go() is asynchronous; other changes of the history must wait for it.
let going = Promise.resolve();
let arrived = () => {};

export const historySettled = () => going;

function goBack(steps) {
  going = new Promise((resolve) => (arrived = resolve));
  history.go(-steps);
}

// Opens the layer `name` of routes.js, unless it is open. Resolves to the argument of the layer's
// close(), or to undefined if it was closed by back or Escape.
export function openLayer(name, props = {}) {
  const open = stack.peek().find((layer) => layer.name === name);
  if (open) return open.done;
  const layer = { id: ++last, name, props, result: undefined, back: document.activeElement };
  layer.done = new Promise((resolve) => (layer.resolve = resolve));
  layer.close = (result) => closeLayer(layer, result);
  stack.value = [...stack.peek(), layer];
  const layers = stack.peek().length;
  going = going.then(() => history.pushState({ layers }, ''));
  return layer.done;
}

function drop(layer) {
  stack.value = stack.peek().filter((one) => one !== layer);
  layer.resolve(layer.result);
  if (layer.back?.isConnected) setTimeout(() => layer.back.focus({ preventScroll: true }));
}

// Also closes all layers above it, and removes their history entries.
async function closeLayer(layer, result) {
  const at = stack.peek().indexOf(layer);
  if (at < 0) return;
  layer.result = result;
  const closing = stack.peek().slice(at).reverse();
  for (const one of closing) drop(one);
  await going;
  goBack(closing.length);
}

// The history moved to an entry with `left` open layers: closes the others.
export function layersPopped(left) {
  while (stack.peek().length > left) drop(stack.peek().at(-1));
  arrived();
}
