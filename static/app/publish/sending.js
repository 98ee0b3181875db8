// The third step: progress, speed and remaining time of the upload, with buttons to control it.
import { html } from '../html.js';
import { t } from '../i18n.js';
import { Link } from '../router.js';
import { session } from '../session.js';
import { Icon } from '../ui/icon.js';
import { cancel, forgetJob, job, pause, resume } from './job.js';
import { duration, size, speed } from './units.js';

// Replaces the server's texts, which name API parameters.
const own = {
  1302: 'refused.empty', 1303: 'refused.type', 1307: 'refused.photo', 1308: 'refused.sound', 1309: 'refused.format',
};
const complaint = (error) => (own[error.code] ? t(own[error.code]) : error.message);

function rate({ state, speed: bytes, file, sent, error }) {
  if (state === 'waiting') return `${error.message} ${t('publish.waiting')}`;
  if (state === 'paused') return t('publish.paused');
  if (state === 'failed') return '';
  if (!bytes) return sent >= file.size ? t('publish.finishing') : t('publish.starting');
  return `${speed(bytes)} · ${t('publish.left', { time: duration(Math.max(1, (file.size - sent) / bytes)) })}`;
}

function Done({ onAnother }) {
  return html`<div class="sending" data-testid="published"><${Icon} name="check" />
    <h2>${t('publish.done')}</h2><p class="soft">${t('publish.doneHint')}</p>
    <div class="compose-buttons">
      <${Link} class="button primary" href=${`/u/${session.value.id}`} data-testid="to-works" onClick=${forgetJob}>${t('publish.toWorks')}<//>
      <button class="button" data-testid="another" onClick=${onAnother}>${t('publish.another')}</button></div>
  </div>`;
}

const again = (one) => html`<button class="button primary" data-testid="upload-retry" onClick=${resume}>
  ${t(one.state === 'paused' ? 'publish.resume' : 'retry')}</button>`;

export function Sending({ onAnother, onEdit }) {
  const one = job.value;
  if (one.state === 'done') return html`<${Done} onAnother=${onAnother} />`;
  const percent = Math.floor((100 * one.sent) / one.file.size);
  return html`<section class="sending" data-testid="uploading" data-state=${one.state} data-way=${one.way} aria-label=${t('publish.sending')}>
    <h2 class="user-text">${one.title}</h2>
    <progress max=${one.file.size} value=${one.sent} aria-label=${t('publish.sending')}></progress>
    <p class="sending-figures"><b data-testid="upload-percent">${percent}%</b>
      <span class="soft">${size(one.sent)} / ${size(one.file.size)}</span></p>
    <p class="soft" data-testid="upload-rate">${rate(one)}</p>
    <p class="form-problem" role="alert" data-testid="upload-error">${one.state === 'failed' ? complaint(one.error) : ''}</p>
    <div class="compose-buttons">
      ${one.state === 'running' && html`<button class="button" data-testid="upload-pause" onClick=${pause}><${Icon} name="pause" />${t('publish.pause')}</button>`}
      ${one.state !== 'running' && !(one.state === 'failed' && own[one.error.code]) && again(one)}
      ${one.state === 'failed' && html`<button class="button" data-testid="upload-edit" onClick=${onEdit}>${t('publish.edit')}</button>`}
      <button class="button quiet" data-testid="upload-cancel" onClick=${cancel}>${t('publish.cancel')}</button>
    </div>
    ${one.state !== 'failed' && html`<p class="soft">${t('publish.goOn')}</p>`}
  </section>`;
}
