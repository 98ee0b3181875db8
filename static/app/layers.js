// The stack of layers (drawers and dialogs) over the page. Each has a history entry, so that the back
// button of a phone closes it, like Escape.
import { signal } from '@preact/signals';

let lastId = 0;

// From bottom to top: { id, name, props, close(result) }.
export const stack = signal([]);

// history.go() is asynchronous; other changes of the history must wait for it.
let historyMove = Promise.resolve();
let historyArrived = () => {};

export const historySettled = () => historyMove;

function goBack(steps) {
  historyMove = new Promise((resolve) => (historyArrived = resolve));
  history.go(-steps);
}

// Opens the layer `name` of routes.js, unless it is open. Resolves to the argument of the layer's
// close(), or to undefined if it was closed by back or Escape.
export function openLayer(name, props = {}) {
  const open = stack.peek().find((layer) => layer.name === name);
  if (open) return open.done;
  const layer = { id: ++lastId, name, props, result: undefined, back: document.activeElement };
  layer.done = new Promise((resolve) => (layer.resolve = resolve));
  layer.close = (result) => closeLayer(layer, result);
  stack.value = [...stack.peek(), layer];
  const layers = stack.peek().length;
  historyMove = historyMove.then(() => history.pushState({ layers }, ''));
  return layer.done;
}

function remove(layer) {
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
  for (const one of closing) remove(one);
  await historyMove;
  goBack(closing.length);
}

// The history moved to an entry with `left` open layers: closes the others.
export function closeLayersAbove(left) {
  while (stack.peek().length > left) remove(stack.peek().at(-1));
  historyArrived();
}
