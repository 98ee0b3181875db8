// Chooses the frame for the cover. The server extracts it from the video, so only its time is sent. The
// frame is shown in a <video> of its own, independent of the preview.
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { Icon } from '../ui/icon.js';
import { clock } from './units.js';

const STEP = 0.1;

// The server takes the first frame at or after the given time; a browser shows the last one at or before
// it. The timestamp of the shown frame, rounded down to milliseconds, selects the same frame in both.
// onTime(ms) is called with it, in browsers that have requestVideoFrameCallback().
function useFrameTime(video, onTime) {
  const latest = useRef(onTime);
  latest.current = onTime;
  useEffect(() => {
    const one = video.current;
    if (!one.requestVideoFrameCallback) return;
    let shown = -1;
    let call = 0;
    const report = () => !one.seeking && shown >= 0 && shown <= one.currentTime + 0.001 && latest.current(Math.floor(shown * 1000));
    const frame = (now, { mediaTime }) => {
      shown = mediaTime;
      report();
      call = one.requestVideoFrameCallback(frame);
    };
    call = one.requestVideoFrameCallback(frame);
    const leave = () => (shown = -1);
    one.addEventListener('seeking', leave);
    one.addEventListener('seeked', report);
    return () => {
      one.cancelVideoFrameCallback(call);
      one.removeEventListener('seeking', leave);
      one.removeEventListener('seeked', report);
      one.removeAttribute('src');
      one.load();
    };
  }, []);
}

// Shows the frame at `place` seconds.
function Frame({ url, place, onExact }) {
  const ref = useRef();
  useFrameTime(ref, onExact);
  useEffect(() => {
    ref.current.currentTime = place;
  }, [place]);
  return html`<video ref=${ref} class="cover-picture" src=${url} muted playsinline preload="auto" disableRemotePlayback tabindex="-1"
    aria-label=${t('cover.picture', { at: clock(place) })} data-testid="cover-picture"></video>`;
}

// preview: the <video> of compose.js, which follows the slider. coverMs: null if the server chooses.
export function Cover({ preview, url, seconds, coverMs, setCoverMs }) {
  // Plus 1 ms, because coverMs is the frame's timestamp rounded down.
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
