// The first step: choose or drop a file, or open the camera. Shows the server's limits.
import { useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { Icon } from '../ui/icon.js';
import { exactDuration, size } from './units.js';

const Limits = ({ limits }) => html`<ul class="limits soft" data-testid="limits">
  <li>${t('limits.bytes', { size: size(limits.max_bytes) })}</li>
  <li>${t('limits.seconds', { length: exactDuration(limits.max_seconds) })}</li>
  <li>${t('limits.side', { n: limits.max_side })}</li>
  <li>${t('limits.formats')}</li>
</ul>`;

// File name extensions of videos. Browsers know no type for some of them and report a wrong one for
// others: text (.ts), model (.mts), audio (.ogg).
const NAMES = ['3g2', '3gp', 'asf', 'avi', 'divx', 'f4v', 'flv', 'gif', 'm2t', 'm2ts', 'm4v', 'mkv', 'mov', 'mp4', 'mpeg', 'mpg', 'mts',
  'ogg', 'ogm', 'ogv', 'qt', 'ts', 'vob', 'webm', 'wmv'];
const ACCEPT = ['video/*', ...NAMES.map((name) => `.${name}`)].join();
const KINDS = { image: 'refused.photo', audio: 'refused.sound', text: 'refused.type' };

// Formats a size with enough digits to differ from the limit.
function over(bytes, limit) {
  const digits = [undefined, 1, 2, 3].find((n) => size(bytes, n) !== size(limit, n));
  return digits === undefined && size(bytes) === size(limit) ? size(bytes, 6) : size(bytes, digits);
}

// Why the server would refuse the file, judging by name, type and size only; '' if nothing is wrong.
export function fileProblem(file, limits) {
  if (!file.size) return t('refused.empty');
  if (file.size > limits.max_bytes) return t('refused.size', { size: over(file.size, limits.max_bytes), limit: size(limits.max_bytes) });
  if (NAMES.includes(file.name.split('.').pop().toLowerCase())) return '';
  const kind = KINDS[file.type.split('/')[0]];
  return kind ? t(kind) : '';
}

export function Choose({ limits, onFile, onCamera }) {
  const input = useRef();
  const [over, setOver] = useState(false);
  const [problem, setProblem] = useState('');
  const take = (file) => {
    if (!file) return;
    const refused = fileProblem(file, limits);
    setProblem(refused);
    if (!refused) onFile(file);
  };
  const drag = (is) => (event) => {
    event.preventDefault();
    setOver(is);
  };
  const drop = (event) => {
    drag(false)(event);
    take(event.dataTransfer.files[0]);
  };
  return html`<div class=${over ? 'drop over' : 'drop'} data-testid="drop" onDragOver=${drag(true)} onDragLeave=${drag(false)} onDrop=${drop}>
      <${Icon} name="upload" />
      <p>${t('publish.drop')}</p>
      <div class="drop-buttons">
        <button class="button primary" data-testid="choose" onClick=${() => input.current.click()}><${Icon} name="film" />${t('publish.choose')}</button>
        <button class="button" data-testid="camera-open" onClick=${onCamera}><${Icon} name="camera" />${t('publish.record')}</button>
      </div>
      <input ref=${input} type="file" accept=${ACCEPT} hidden aria-label=${t('publish.choose')} data-testid="file"
        onChange=${(event) => (take(event.target.files[0]), (event.target.value = ''))} />
      <p class="form-problem" role="alert" data-testid="choose-error">${problem}</p>
    </div>
    <${Limits} limits=${limits} />`;
}
