// What lies over the page: drawers and dialogs. Each has an entry in the history, so that
// Android's back closes it, as Escape does.
import { signal } from '@preact/signals';

let last = 0;

// From the lowest to the topmost: { id, name, props, close(result) }.
export const stack = signal([]);

// history.go() takes a moment; whoever wants to change the history meanwhile waits for it.
let going = Promise.resolve();
let arrived = () => {};

export const historySettled = () => going;

function goBack(steps) {
  going = new Promise((resolve) => (arrived = resolve));
  history.go(-steps);
}

// Opens the layer `name` of routes.js, unless it is open. The promise has what the layer gave
// to its close(), or undefined if it was left by back or Escape.
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

// What lies on top of the layer goes with it, and the history follows.
async function closeLayer(layer, result) {
  const at = stack.peek().indexOf(layer);
  if (at < 0) return;
  layer.result = result;
  const closing = stack.peek().slice(at).reverse();
  for (const one of closing) drop(one);
  await going;
  goBack(closing.length);
}

// The history is where `left` layers are open: the others close.
export function layersPopped(left) {
  while (stack.peek().length > left) drop(stack.peek().at(-1));
  arrived();
}
