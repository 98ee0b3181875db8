// The resumable upload, with the tus protocol. The server keeps a partial upload for hours; its URL is
// stored in the browser under the file's fingerprint.
import { ApiError, authorization, OFFLINE, userMessage } from '../api.js';
import { lang, t } from '../i18n.js';
import { session } from '../session.js';

// A lost connection loses the current chunk, so a chunk is what can be sent in SECONDS, up to the size
// that the server advises. Smaller ones would run into the rate limit.
const MIN_CHUNK = 1024 * 1024;
const CHUNK_SECONDS = 4;

const loadTus = () => import('tus-js-client');

const fingerprint = (file) => Promise.resolve(
  ['dousheng', session.peek().id, file.name, file.type, file.size, file.lastModified].join('-'));

// Converts an error of tus-js-client to an ApiError. `unsupported`: something between browser and server
// does not let tus requests pass.
function toApiError(error) {
  const response = error.originalResponse;
  const status = response?.getStatus() ?? 0;
  let reply = {};
  try {
    reply = JSON.parse(response?.getBody() ?? '');
  } catch {
    // Replies to HEAD have no body, and those of a proxy are not JSON.
  }
  const code = reply.status_code || status || OFFLINE;
  const api = new ApiError(code, reply.status_msg ? userMessage(code, reply.status_msg) : () => t(status ? 'error.server' : 'error.offline'));
  api.status = status;
  api.unsupported = [403, 404, 405, 501].includes(status) && !reply.status_code;
  return api;
}

// The server has refused the file and deleted the upload, or does not know it.
const isDeleted = (error) => !error.unsupported && [400, 404].includes(error.status);

async function forgetUpload(upload) {
  for (const one of await upload.findPreviousUploads())
    if (one.uploadUrl === upload.url) await upload.options.urlStorage.removeUpload(one.urlStorageKey);
}

const metadata = ({ file, title, coverMs }) =>
  ({ title, filename: file.name, ...(coverMs === null ? {} : { cover_ms: String(coverMs) }) });

const sameMetadata = (a, b) => a.title === b.title && a.cover_ms === b.cover_ms;

// An earlier, unfinished upload of this file: { title, coverMs }, or null.
export async function unfinishedUpload(file) {
  const { Upload } = await loadTus();
  const [found] = await new Upload(file, { endpoint: '/', fingerprint }).findPreviousUploads();
  if (!found) return null;
  const { title, cover_ms: cover } = found.metadata;
  return { title, coverMs: cover === undefined ? null : Number(cover) };
}

async function resumePrevious(upload, wanted, discard) {
  for (const one of await upload.findPreviousUploads()) {
    if (sameMetadata(one.metadata, wanted)) return upload.resumeFromPreviousUpload(one);
    await discard(one);
  }
}

function send(method, url) {
  return fetch(new URL(url).pathname, { method, headers: { 'Tus-Resumable': '1.0.0', ...authorization() } }).catch(() => {});
}

// Like plainUpload(), but continues an earlier upload with the same file, title and cover.
export async function resumableUpload(wanted, chunk, events) {
  const { Upload } = await loadTus();
  const meta = metadata(wanted);
  let chunkStart = performance.now();
  const upload = new Upload(wanted.file, {
    endpoint: new URL('/douyin/upload/', location.origin).href,
    chunkSize: Math.min(chunk, MIN_CHUNK),
    retryDelays: null,
    removeFingerprintOnSuccess: true,
    metadata: meta,
    fingerprint,
    onBeforeRequest(request) {
      request.setHeader('Accept-Language', lang.peek());
      for (const [name, value] of Object.entries(authorization())) request.setHeader(name, value);
    },
    onProgress: (sent) => events.progress(sent),
    onChunkComplete(size) {
      const now = performance.now();
      upload.options.chunkSize = Math.min(chunk, Math.max(MIN_CHUNK, Math.round((size / (now - chunkStart)) * 1000 * CHUNK_SECONDS)));
      chunkStart = now;
    },
    onSuccess: () => events.done(),
    async onError(error) {
      const why = toApiError(error);
      if (isDeleted(why)) await forgetUpload(upload);
      events.failed(why);
    },
  });
  const discard = async (one) => {
    await send('DELETE', one.uploadUrl);
    await upload.options.urlStorage.removeUpload(one.urlStorageKey);
  };
  await resumePrevious(upload, meta, discard);
  upload.start();
  return () => upload.abort();
}

// Deletes unfinished uploads of this file, on the server and in the browser.
export async function deleteUpload(file) {
  const { Upload } = await loadTus();
  const upload = new Upload(file, { endpoint: '/', fingerprint });
  for (const one of await upload.findPreviousUploads()) {
    await send('DELETE', one.uploadUrl);
    await upload.options.urlStorage.removeUpload(one.urlStorageKey);
  }
}
