// The plain upload: one request; a retry starts from the beginning.
import { ApiError, authorization, OFFLINE, userMessage } from '../api.js';
import { lang, t } from '../i18n.js';

function parseReply(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return { status_code: request.status || OFFLINE, status_msg: t('error.server') };
  }
}

// upload: { file, title, coverMs }. events: callbacks { progress(bytes), done(), failed(error) }. Returns
// a function that aborts the upload.
export function plainUpload({ file, title, coverMs }, events) {
  const body = new FormData();
  body.set('title', title);
  if (coverMs !== null) body.set('cover_ms', coverMs);
  body.set('data', file, file.name);
  const request = new XMLHttpRequest();
  request.open('POST', '/douyin/publish/action/');
  request.setRequestHeader('Accept-Language', lang.peek());
  for (const [name, value] of Object.entries(authorization())) request.setRequestHeader(name, value);
  request.upload.onprogress = (event) => events.progress(Math.min(event.loaded, file.size));
  request.onload = () => {
    const reply = parseReply(request);
    if (reply.status_code === 0) events.done();
    else events.failed(new ApiError(reply.status_code, userMessage(reply.status_code, reply.status_msg)));
  };
  request.onerror = () => events.failed(new ApiError(OFFLINE, t('error.offline')));
  request.send(body);
  return () => request.abort();
}
