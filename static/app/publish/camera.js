// Records a video with the camera.
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { t } from '../i18n.js';
import { Icon } from '../ui/icon.js';
import { Empty, Spinner } from '../ui/parts.js';
import { clock } from './units.js';

const COUNTDOWN = 3;
const TICK = 200;
// Stop at this fraction of the size limit: the recorder's last chunk and the container come on top.
const SIZE_FRACTION = 0.95;
const TYPES = [
  'video/mp4;codecs="avc1.42E01F,mp4a.40.2"', 'video/webm;codecs="vp9,opus"',
  'video/webm;codecs="vp8,opus"', 'video/webm', 'video/mp4',
];

// Maps the name of a DOMException to a text that says what to do.
const reasons = {
  NotAllowedError: 'camera.refused', SecurityError: 'camera.refused', NotFoundError: 'camera.none',
  OverconstrainedError: 'camera.none', NotReadableError: 'camera.busy', AbortError: 'camera.busy',
};

async function openCamera(facing) {
  if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) throw new DOMException('', 'NotSupportedError');
  const video = { facingMode: facing, width: { ideal: 1080 }, height: { ideal: 1920 }, frameRate: { ideal: 30 } };
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio: true });
  } catch (error) {
    // Without a microphone, record without sound.
    if (error.name !== 'NotFoundError') throw error;
    return navigator.mediaDevices.getUserMedia({ video });
  }
}

const stopTracks = (stream) => stream?.getTracks().forEach((track) => track.stop());

// The camera's stream, or the name of the text that says why there is none.
function useStream(facing, attempt) {
  const [state, setState] = useState({});
  useEffect(() => {
    let over = false;
    let mine = null;
    setState({});
    openCamera(facing).then(
      (stream) => {
        mine = stream;
        if (over) stopTracks(stream);
        else setState({ stream });
      },
      (error) => !over && setState({ problem: reasons[error.name] ?? 'camera.unsupported' }));
    return () => {
      over = true;
      stopTracks(mine);
    };
  }, [facing, attempt]);
  return state;
}

// Records `stream` into a File, until stop() or a limit is reached; then calls done(file).
function useRecorder(stream, limits, done) {
  const recorder = useRef(null);
  const [seconds, setSeconds] = useState(-1);
  const stop = () => recorder.current?.state === 'recording' && recorder.current.stop();
  const start = () => {
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    const pieces = [];
    let bytes = 0;
    const one = new MediaRecorder(stream, { mimeType, videoBitsPerSecond: 4_000_000 });
    one.ondataavailable = ({ data }) => {
      pieces.push(data);
      bytes += data.size;
      if (bytes > limits.max_bytes * SIZE_FRACTION) stop();
    };
    one.onstop = () => {
      setSeconds(-1);
      if (recorder.current !== one) return;
      const type = one.mimeType.split(';')[0];
      done(new File(pieces, `${t('camera.file')}.${type.endsWith('mp4') ? 'mp4' : 'webm'}`, { type, lastModified: Date.now() }));
    };
    one.start(1000);
    recorder.current = one;
    setSeconds(0);
  };
  const recording = seconds >= 0;
  useEffect(() => {
    if (!recording) return;
    const begun = performance.now();
    const timer = setInterval(() => {
      const now = (performance.now() - begun) / 1000;
      setSeconds(now);
      if (now >= limits.max_seconds - 0.5) stop();
    }, TICK);
    return () => clearInterval(timer);
  }, [recording]);
  // Leaving the page ends the recording and keeps it.
  useEffect(() => stop, [stream]);
  const discard = () => {
    const one = recorder.current;
    recorder.current = null;
    if (one?.state === 'recording') one.stop();
  };
  return { seconds, recording, start, stop, discard };
}

// Counts down from 3, then calls go().
function useCountdown(go) {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (!left) return;
    const timer = setTimeout(() => {
      setLeft(left - 1);
      if (left === 1) go();
    }, 1000);
    return () => clearTimeout(timer);
  }, [left]);
  return [left, setLeft];
}

function Viewfinder({ stream, mirrored }) {
  const ref = useRef();
  useEffect(() => {
    ref.current.srcObject = stream;
    ref.current.play().catch(() => {});
  }, [stream]);
  return html`<video ref=${ref} class=${mirrored ? 'viewfinder mirrored' : 'viewfinder'} muted playsinline aria-label=${t('camera.viewfinder')}
    data-testid="viewfinder"></video>`;
}

function Buttons({ left, setLeft, recorder, countdown, setCountdown, onFlip, onLeave }) {
  const { recording, start, stop } = recorder;
  const press = () => {
    if (recording) stop();
    else if (left) setLeft(0);
    else if (countdown) setLeft(COUNTDOWN);
    else start();
  };
  return html`<div class="camera-buttons">
    <button class="button small" data-testid="camera-leave" onClick=${onLeave}>${t('cancel')}</button>
    <button class=${recording || left ? 'record on' : 'record'} data-testid="record" onClick=${press}
      aria-label=${t(recording || left ? 'camera.stop' : 'camera.start')}><span></span></button>
    ${recording || left
      ? html`<span class="camera-side"></span>`
      : html`<span class="camera-side">
          <button class="icon-button" aria-label=${t('camera.flip')} onClick=${onFlip} data-testid="camera-flip"><${Icon} name="retry" /></button>
          <button class="icon-button" aria-pressed=${String(countdown)} aria-label=${t('camera.countdown')} data-testid="camera-countdown"
            onClick=${() => setCountdown(!countdown)}>${countdown ? '3s' : '0s'}</button></span>`}
  </div>`;
}

// limits: the reply of /publish/limits/; onFile(file): a recording is done; onLeave(): cancelled.
export function Camera({ limits, onFile, onLeave }) {
  const [facing, setFacing] = useState('user');
  const [attempt, setAttempt] = useState(0);
  const [countdown, setCountdown] = useState(true);
  const { stream, problem } = useStream(facing, attempt);
  const recorder = useRecorder(stream, limits, onFile);
  const [left, setLeft] = useCountdown(recorder.start);
  if (problem)
    return html`<div class="camera-problem" role="alert" data-testid="camera-problem"><${Empty} icon="camera" text=${t(problem)}>
      <button class="button" onClick=${() => setAttempt(attempt + 1)}>${t('retry')}</button>
      <button class="button quiet" data-testid="camera-leave" onClick=${onLeave}>${t('camera.choose')}</button><//></div>`;
  if (!stream) return html`<p class="soft">${t('camera.asking')}</p><${Spinner} />`;
  return html`<div class="camera" data-testid="camera">
    <${Viewfinder} stream=${stream} mirrored=${facing === 'user'} />
    ${recorder.recording && html`<div class="camera-time" role="timer" data-testid="camera-time"><span class="camera-dot"></span>
      ${clock(recorder.seconds)} / ${clock(limits.max_seconds)}</div>
      <progress class="camera-progress" max=${limits.max_seconds} value=${recorder.seconds} aria-label=${t('camera.progress')}></progress>`}
    ${left > 0 && html`<div class="camera-count" role="status" data-testid="camera-count">${left}</div>`}
    <${Buttons} ...${{ left, setLeft, recorder, countdown, setCountdown }} onLeave=${() => (recorder.discard(), onLeave())} onFlip=${() => setFacing(facing === 'user' ? 'environment' : 'user')} />
  </div>`;
}
