// The plain upload: one request; a retry starts from the beginning.
import { ApiError, authorization, OFFLINE, sentence } from '../api.js';
import { lang, t } from '../i18n.js';

function read(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return { status_code: request.status || OFFLINE, status_msg: t('error.server') };
  }
}

// upload: { file, title, coverMs }. tell: callbacks { progress(bytes), done(), failed(error) }. Returns
// a function that aborts it.
export function plainUpload({ file, title, coverMs }, tell) {
  const body = new FormData();
  body.set('title', title);
  if (coverMs !== null) body.set('cover_ms', coverMs);
  body.set('data', file, file.name);
  const request = new XMLHttpRequest();
  request.open('POST', '/douyin/publish/action/');
  request.setRequestHeader('Accept-Language', lang.peek());
  for (const [name, value] of Object.entries(authorization())) request.setRequestHeader(name, value);
  request.upload.onprogress = (event) => tell.progress(Math.min(event.loaded, file.size));
  request.onload = () => {
    const reply = read(request);
    if (reply.status_code === 0) tell.done();
    else tell.failed(new ApiError(reply.status_code, sentence(reply.status_code, reply.status_msg)));
  };
  request.onerror = () => tell.failed(new ApiError(OFFLINE, t('error.offline')));
  request.send(body);
  return () => request.abort();
}
