// Splits wheel events into gestures. A flick on a touchpad is a long train of events with falling
// deltas (inertia): one gesture. Each notch of a mouse wheel is one gesture; a fast spin, whose
// notches arrive at about the frame rate, is one gesture as a whole.
const TRAIN_GAP = 160;
// Inertia may pause for longer, especially on a busy machine.
const FALLING_GAP = 1000;
const SPIN_GAP = 60;
// A second flick during the inertia of the first: stronger than its weakest event by this factor.
const PUSH = 2.5;
const PUSH_LEAST = 24;
const FEEBLE = 3;

export function wheelGestures() {
  let lastTime = -Infinity;
  let lastSign = 0;
  let strength = 0;
  let weakest = 0;
  let fallen = false;

  // The direction (-1 or 1) if the event starts a gesture, 0 if it continues one.
  return function step(event) {
    const delta = event.deltaY;
    const size = Math.abs(delta) * (event.deltaMode === 0 ? 1 : 40);
    const sign = Math.sign(delta);
    if (!sign) return 0;
    const gap = event.timeStamp - lastTime;
    const notch = event.deltaMode !== 0 || (size >= 50 && Math.abs(event.wheelDeltaY ?? 0) % 120 === 0);
    const steady = notch && size === strength;
    const pushed = fallen && size > PUSH_LEAST && size > weakest * PUSH;
    const falls = size < strength || (fallen && size === strength && !notch);
    const fresh = gap > (falls ? FALLING_GAP : TRAIN_GAP) || (steady && gap > SPIN_GAP) || sign !== lastSign || pushed;
    fallen = fresh ? false : fallen || size < strength;
    weakest = fallen ? Math.min(weakest, size) : size;
    lastTime = event.timeStamp;
    lastSign = sign;
    strength = size;
    return fresh && size >= FEEBLE ? sign : 0;
  };
}
