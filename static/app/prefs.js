// Preferences kept in local storage: language and sound. Not secret.
const KEY = 'dousheng.settings';

function stored() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

export const prefs = stored();

export function setPref(name, value) {
  prefs[name] = value;
  try {
    localStorage.setItem(KEY, JSON.stringify(prefs));
  } catch {
    // Without storage they last until the page is closed.
  }
}
