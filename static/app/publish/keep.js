// Keeps an upload's file in this browser until it is done, so that it goes on after a reload.
// Where that is not possible (no room, a private window) the file has to be chosen again.
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

// One for each user: { file, title, coverMs }.
export const keepUpload = (user, upload) => inStore('readwrite', (store) => store.put(upload, user)).catch(() => {});
export const keptUpload = (user) => inStore('readonly', (store) => store.get(user)).catch(() => undefined);
export const dropUpload = (user) => inStore('readwrite', (store) => store.delete(user)).catch(() => {});
