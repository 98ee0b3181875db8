// What this browser remembers for its user: language, sound. Nothing of it is secret.
const KEY = 'dousheng.settings';

function stored() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

export const prefs = stored();

export function set(name, value) {
  prefs[name] = value;
  try {
    localStorage.setItem(KEY, JSON.stringify(prefs));
  } catch {
    // Then it is forgotten with the page.
  }
}
