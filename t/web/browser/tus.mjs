// tus.mjs: uploads a file with tus-js-client, as an app would.
//
//   node tus.mjs ENDPOINT TOKEN FILE TITLE CHUNK [STOP [URL]]
//   node tus.mjs ENDPOINT TOKEN FILE TITLE CHUNK parallel=N|creation
//
// Stops after STOP bytes (0: never) and prints how to resume; URL resumes such
// an upload.  parallel=N sends N parts at the same time, creation sends
// data with the first request.  Prints "url URL", "resumed at N", each request's
// method and headers of tus, "done" or "broken off".
import { openSync, readSync, statSync } from 'node:fs';
import { Upload } from 'tus-js-client';

const [endpoint, token, file, title, chunk, how = '0', url] = process.argv.slice(2);
const stop = Number.isNaN(Number(how)) ? '0' : how;
const parallelUploads = Number(/^parallel=(\d+)$/.exec(how)?.[1] ?? 1);
const size = statSync(file).size;
const bytes = Buffer.alloc(size);
readSync(openSync(file, 'r'), bytes, 0, size, 0);

const upload = new Upload(bytes, {
  endpoint,
  uploadUrl: url ?? null,
  headers: { Authorization: `Bearer ${token}` },
  metadata: { title, filename: 'clip.mp4', filetype: 'video/mp4' },
  chunkSize: Number(chunk),
  parallelUploads,
  uploadDataDuringCreation: how === 'creation',
  onBeforeRequest(request) {
    console.log(`${request.getMethod()} ${request.getHeader('Upload-Concat')?.split(';')[0] ?? ''} ${request.getHeader('Content-Type') ?? ''}`);
  },
  retryDelays: [100, 500, 1000, 2000],
  onError(error) {
    console.log(`error ${error.message}`);
    process.exit(1);
  },
  onUploadUrlAvailable() {
    console.log(`url ${upload.url}`);
  },
  onChunkComplete(sent, accepted) {
    if (url && accepted - sent > 0 && !upload.told) {
      upload.told = true;
      console.log(`resumed at ${accepted - sent}`);
    }
    if (Number(stop) > 0 && accepted >= Number(stop) && accepted < size) {
      upload.abort();
      console.log('broken off');
      process.exit(0);
    }
  },
  onSuccess() {
    console.log('done');
  },
});
upload.start();
