// Stores the file of an upload in IndexedDB until it is done, to resume it after a reload. If that fails
// (quota, private window), the user has to choose the file again.
const NAME = 'dousheng';
const STORE = 'uploads';

const answer = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

async function inStore(mode, use) {
  const opening = indexedDB.open(NAME, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const db = await answer(opening);
  try {
    return await answer(use(db.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    db.close();
  }
}

// One upload per user: { file, title, coverMs }.
export const keepUpload = (user, upload) => inStore('readwrite', (store) => store.put(upload, user)).catch(() => {});
export const keptUpload = (user) => inStore('readonly', (store) => store.get(user)).catch(() => undefined);
export const dropUpload = (user) => inStore('readwrite', (store) => store.delete(user)).catch(() => {});
