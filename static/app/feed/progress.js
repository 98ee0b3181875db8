// The progress bar: a slider over the video's length.
import { useEffect, useRef } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { element } from './player.js';

const STEPS = 1000;
const clock = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, '0')}`;

export function Progress() {
  const ref = useRef();
  const held = useRef(false);
  const video = element.value;
  // Set directly on the element, without rendering the component 60 times a second.
  useEffect(() => {
    let frame = 0;
    const draw = () => {
      const bar = ref.current;
      if (bar && video?.duration && !held.current) showProgress(bar, video.currentTime / video.duration, video);
      frame = requestAnimationFrame(draw);
    };
    draw();
    return () => cancelAnimationFrame(frame);
  }, [video]);
  const move = (event) => {
    held.current = true;
    if (!video?.duration) return;
    video.currentTime = (event.target.value / STEPS) * video.duration;
    showProgress(event.target, event.target.value / STEPS, video);
  };
  return html`<input class="progress" type="range" min="0" max=${STEPS} step="1" defaultValue="0" ref=${ref} data-testid="progress"
    aria-label=${t('feed.seek')} onInput=${move} onChange=${() => (held.current = false)}
    onPointerUp=${() => (held.current = false)} onPointerCancel=${() => (held.current = false)} />`;
}

function showProgress(bar, part, video) {
  bar.value = Math.round(part * STEPS);
  bar.style.setProperty('--part', `${part * 100}%`);
  const text = `${clock(part * video.duration)} / ${clock(video.duration)}`;
  if (bar.getAttribute('aria-valuetext') !== text) bar.setAttribute('aria-valuetext', text);
}
