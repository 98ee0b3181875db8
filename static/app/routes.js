// Every page and every layer of the client, one line each. How to add one: main.js.

// The first page whose pattern matches the path is shown. Its named groups become its props.
// A page without `load` is a view of the feed, which is part of the first load.
export const pages = [
  { name: 'feed', path: /^\/$/ },
  { name: 'works', path: /^\/u\/(?<user>\d+)\/v\/(?<video>\d+)$/ },
  { name: 'likes', path: /^\/u\/(?<user>\d+)\/likes\/(?<video>\d+)$/ },
  { name: 'profile', path: /^\/u\/(?<user>\d+)(?:\/(?<tab>likes|following|followers|friends))?$/, load: () => import('./profile/profile.js') },
  { name: 'messages', path: /^\/messages(?:\/(?<user>\d+))?$/, load: () => import('./chat/messages.js') },
  { name: 'publish', path: /^\/publish$/, load: () => import('./publish/publish.js') },
  { name: 'settings', path: /^\/settings$/, load: () => import('./account/settings.js') },
  { name: 'missing', path: /^/, load: () => import('./missing.js') },
];

// Drawers and dialogs, opened by name.
export const layers = {
  comments: () => import('./comments/comments.js'),
  login: () => import('./account/login.js'),
  link: () => import('./ui/link.js'),
  password: () => import('./account/password.js'),
};

export const isAvailable = (name) => name in layers || pages.some((page) => page.name === name);
