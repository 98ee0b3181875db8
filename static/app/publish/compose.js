// The second step: preview, title and cover of the video.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { length } from '../ui/composer.js';
import { Cover } from './cover.js';
import { updateDraft } from './draft.js';
import { clock, exactDuration } from './units.js';

const LONGEST = 200;

// Files made by MediaRecorder report an infinite duration until one has seeked to their end.
function findLength(video) {
  return new Promise((resolve) => {
    if (Number.isFinite(video.duration)) return resolve(video.duration);
    video.addEventListener('durationchange', function found() {
      if (!Number.isFinite(video.duration)) return;
      video.removeEventListener('durationchange', found);
      video.currentTime = 0;
      resolve(video.duration);
    });
    video.currentTime = Number.MAX_SAFE_INTEGER;
  });
}

function Title({ title, setTitle }) {
  const n = length(title.trim());
  return html`<label>${t('publish.title')}
    <textarea rows="2" data-testid="publish-title" value=${title} required aria-describedby="title-count"
      aria-invalid=${n > LONGEST ? 'true' : undefined} placeholder=${t('publish.titleHint')}
      onInput=${(event) => setTitle(event.target.value)}></textarea>
    <span id="title-count" class=${n > LONGEST ? 'counter over' : 'counter'} data-testid="title-count">${n} / ${LONGEST}</span>
  </label>`;
}

// Why the server would refuse the video, judging by its duration and size.
function videoProblem(video, seconds, limits) {
  if (seconds > limits.max_seconds + 0.5)
    return t('refused.length', { length: clock(seconds), limit: exactDuration(limits.max_seconds) });
  if (Math.max(video.videoWidth, video.videoHeight) > limits.max_side) return t('refused.side', { n: limits.max_side });
  return '';
}

export const nameOf = (file) => file.name.replace(/\.[^.]+$/, '').replaceAll(/[_]+/g, ' ').trim().slice(0, 100);

// draft: as in draft.js.
export function Compose({ draft, limits, onSend, onLeave }) {
  const { file, title, coverMs, begun } = draft;
  const video = useRef();
  const [seconds, setSeconds] = useState(0);
  const [problem, setProblem] = useState('');
  const [unseen, setUnseen] = useState(false);
  const url = useMemo(() => URL.createObjectURL(file), [file]);
  // Detach the file first: the element may still be reading from it when it is removed.
  useEffect(() => {
    const shown = video.current;
    return () => {
      shown?.removeAttribute('src');
      shown?.load();
      URL.revokeObjectURL(url);
    };
  }, [url]);
  const known = async () => {
    const found = await findLength(video.current);
    setSeconds(found);
    setProblem(videoProblem(video.current, found, limits));
  };
  const n = length(title.trim());
  const submit = (event) => {
    event.preventDefault();
    if (n && n <= LONGEST && !problem) onSend({ file, title: title.trim(), coverMs });
  };
  return html`<form class="compose" onSubmit=${submit} data-testid="compose">
    <div class="preview">
      ${unseen
        ? html`<p class="soft" data-testid="no-preview">${t('publish.noPreview')}</p>`
        : html`<video ref=${video} src=${url} controls playsinline loop preload="auto" aria-label=${t('publish.preview')} data-testid="preview"
            onLoadedMetadata=${known} onError=${() => setUnseen(true)}></video>`}
    </div>
    <div class="compose-form">
      ${begun && html`<p class="soft" role="status" data-testid="begun">${t('publish.begun')}</p>`}
      <${Title} title=${title} setTitle=${(text) => updateDraft({ title: text })} />
      ${seconds > 0 && html`<${Cover} key=${String(begun?.coverMs)} preview=${video.current} ...${{ url, seconds, coverMs, setCoverMs: (ms) => updateDraft({ coverMs: ms }) }} />`}
      <p class="form-problem" role="alert" data-testid="compose-error">${problem}</p>
      <div class="compose-buttons">
        <button class="button primary" data-testid="publish-send" disabled=${!n || n > LONGEST || Boolean(problem)}>${t('publish.send')}</button>
        <button type="button" class="button quiet" data-testid="publish-leave" onClick=${onLeave}>${t('publish.other')}</button>
      </div>
    </div>
  </form>`;
}
