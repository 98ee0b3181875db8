// The publish page: choose or record a video, describe it, upload it.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api.js';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { Failure, Spinner } from '../ui/parts.js';
import { NeedLogin, useViewer } from '../ui/needlogin.js';
import { Camera } from './camera.js';
import { Choose } from './choose.js';
import { Compose, nameOf } from './compose.js';
import { draft, updateDraft } from './draft.js';
import { busyElsewhere, forgetJob, job, startUpload } from './job.js';
import { dropUpload, keptUpload } from './keep.js';
import { deleteUpload, unfinishedUpload } from './resumable.js';
import { Sending } from './sending.js';
import css from 'css:./publish.css';

export const styles = css;

function useLimits() {
  const [limits, setLimits] = useState(null);
  const [error, setError] = useState(null);
  const ask = () => {
    setError(null);
    get('/publish/limits/').then(setLimits, setError);
  };
  useEffect(ask, []);
  return [limits, error, ask];
}

// Restores an upload that was interrupted by a reload.
function useInterrupted(viewer) {
  const [kept, setKept] = useState(null);
  useEffect(() => {
    if (!viewer || job.peek()) return;
    busyElsewhere(viewer).then((busy) => (busy ? null : keptUpload(viewer))).then((one) => setKept(one ?? null));
  }, [viewer, job.value === null]);
  return [kept, setKept];
}

function Interrupted({ kept, onGoOn, onDrop }) {
  return html`<section class="sending" data-testid="interrupted">
    <h2 class="user-text">${kept.title}</h2><p class="soft">${t('publish.interrupted')}</p>
    <div class="compose-buttons">
      <button class="button primary" data-testid="interrupted-resume" onClick=${onGoOn}>${t('publish.resume')}</button>
      <button class="button quiet" data-testid="interrupted-drop" onClick=${onDrop}>${t('publish.cancel')}</button></div>
  </section>`;
}

// The steps from choosing a file to starting the upload.
function Steps({ limits, viewer }) {
  const [camera, setCamera] = useState(false);
  const [kept, setKept] = useInterrupted(viewer);
  const take = (chosen) => {
    setCamera(false);
    draft.value = { user: viewer, file: chosen, title: nameOf(chosen), coverMs: null, begun: null };
    unfinishedUpload(chosen).then((one) => one && draft.peek()?.file === chosen && updateDraft({ ...one, begun: one }), () => {});
  };
  const reset = () => ((draft.value = null), forgetJob());
  const send = (upload) => ((draft.value = null), setKept(null), startUpload(upload, limits));
  if (job.value) {
    const { user, file, title, coverMs } = job.value;
    const edit = () => (reset(), (draft.value = { user, file, title, coverMs, begun: null }));
    return html`<${Sending} onAnother=${reset} onEdit=${edit} />`;
  }
  if (camera) return html`<${Camera} limits=${limits} onFile=${take} onLeave=${() => setCamera(false)} />`;
  if (draft.value) {
    const { file } = draft.value;
    return html`<${Compose} key=${file.name + file.lastModified} draft=${draft.value} limits=${limits} onSend=${send} onLeave=${reset} />`;
  }
  const drop = () => (setKept(null), dropUpload(viewer), deleteUpload(kept.file).catch(() => {}));
  return html`${kept && html`<${Interrupted} kept=${kept} onGoOn=${() => send(kept)} onDrop=${drop} />`}
    <${Choose} limits=${limits} onFile=${take} onCamera=${() => setCamera(true)} />`;
}

export default function Publish() {
  const viewer = useViewer();
  const [limits, error, again] = useLimits();
  const body = () => {
    if (!viewer) return html`<${NeedLogin} />`;
    if (error) return html`<${Failure} error=${error} onRetry=${again} />`;
    return limits ? html`<${Steps} limits=${limits} viewer=${viewer} />` : html`<${Spinner} />`;
  };
  return html`<div class="column publish"><h1>${t('nav.publish')}</h1>${body()}</div>`;
}
