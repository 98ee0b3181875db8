// The service worker: shows an offline page when the server cannot be reached. It caches only that page;
// API replies, which contain personal data, do not pass through it.
/* global OFFLINE */
const CACHE = 'offline-1';

addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(OFFLINE)).then(() => self.skipWaiting()));
});

addEventListener('activate', (event) => {
  const keep = new Set(OFFLINE.map((url) => new URL(url, location.origin).href));
  event.waitUntil(caches.open(CACHE)
    .then(async (cache) => {
      for (const request of await cache.keys()) if (!keep.has(request.url)) await cache.delete(request);
    })
    .then(() => self.clients.claim()));
});

addEventListener('fetch', (event) => {
  const { pathname } = new URL(event.request.url);
  if (event.request.mode === 'navigate') {
    event.respondWith(fetch(event.request).catch(() => caches.match('/offline.html')));
  } else if (OFFLINE.includes(pathname)) {
    event.respondWith(fetch(event.request).catch(() => caches.match(event.request)));
  }
});
