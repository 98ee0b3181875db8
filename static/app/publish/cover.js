// The moment for a video's cover. The server cuts the picture out of the video, so what is sent
// is when; what is shown is that frame, in an element of its own, which the preview's playing does
// not move.
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { Icon } from '../ui/icon.js';
import { clock } from './units.js';

const STEP = 0.1;

// The server takes the first frame that is not before the moment; a browser shows the last one that
// is not after it. The shown frame's own beginning, in whole milliseconds below, means the same
// frame to both. tell(ms) is called when it is known, where the browser says it at all.
function useExact(video, tell) {
  const latest = useRef(tell);
  latest.current = tell;
  useEffect(() => {
    const one = video.current;
    if (!one.requestVideoFrameCallback) return;
    let shown = -1;
    let call = 0;
    const know = () => !one.seeking && shown >= 0 && shown <= one.currentTime + 0.001 && latest.current(Math.floor(shown * 1000));
    const frame = (now, { mediaTime }) => {
      shown = mediaTime;
      know();
      call = one.requestVideoFrameCallback(frame);
    };
    call = one.requestVideoFrameCallback(frame);
    const leave = () => (shown = -1);
    one.addEventListener('seeking', leave);
    one.addEventListener('seeked', know);
    return () => {
      one.cancelVideoFrameCallback(call);
      one.removeEventListener('seeking', leave);
      one.removeEventListener('seeked', know);
      one.removeAttribute('src');
      one.load();
    };
  }, []);
}

// The frame at `place` seconds.
function Frame({ url, place, onExact }) {
  const ref = useRef();
  useExact(ref, onExact);
  useEffect(() => {
    ref.current.currentTime = place;
  }, [place]);
  return html`<video ref=${ref} class="cover-picture" src=${url} muted playsinline preload="auto" disableRemotePlayback tabindex="-1"
    aria-label=${t('cover.picture', { at: clock(place) })} data-testid="cover-picture"></video>`;
}

// preview: the <video> above, which shows what the slider is at; coverMs: null means that the
// server chooses.
export function Cover({ preview, url, seconds, coverMs, setCoverMs }) {
  // A thousandth more: what was kept is whole milliseconds below the frame's beginning.
  const [place, setPlace] = useState(coverMs === null ? 0 : (coverMs + 1) / 1000);
  const chosen = coverMs !== null;
  const latest = Math.max(STEP, seconds - STEP);
  const choose = (at) => {
    setPlace(at);
    setCoverMs(Math.floor(at * 1000));
  };
  const move = (event) => {
    const at = Number(event.target.value);
    preview.pause();
    preview.currentTime = at;
    choose(at);
  };
  const take = () => {
    preview.pause();
    choose(Math.min(preview.currentTime, latest));
  };
  return html`<fieldset class="cover"><legend>${t('cover.title')}</legend>
    <div class="cover-row">
      ${chosen
        ? html`<${Frame} url=${url} place=${place} onExact=${setCoverMs} />`
        : html`<span class="cover-picture none"><${Icon} name="film" /></span>`}
      <div class="cover-choice">
        <label><span class="soft">${chosen ? t('cover.at', { at: place.toFixed(1) }) : t('cover.auto')}</span>
          <input type="range" min="0" max=${latest} step=${STEP} value=${place} onInput=${move} data-testid="cover"
            aria-valuetext=${t('cover.at', { at: place.toFixed(1) })} /></label>
        <button type="button" class="link-button" data-testid="cover-here" onClick=${take}>${t('cover.here')}</button>
        ${chosen && html`<button type="button" class="link-button" data-testid="cover-auto" onClick=${() => setCoverMs(null)}>${t('cover.reset')}</button>`}
      </div>
    </div>
  </fieldset>`;
}
