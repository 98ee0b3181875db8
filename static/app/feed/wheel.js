// Tells gestures of a wheel or touchpad apart. A flick on a touchpad arrives as a long train of
// events whose strength falls (inertia): that is one gesture. Each notch of a wheel is one, too;
// one that is spun, so that its notches come at the rate of a screen's frames, is one as a whole.
const TRAIN_GAP = 160;
// While a train's strength falls it may falter, above all on a busy machine.
const FALLING_GAP = 1000;
const SPIN_GAP = 60;
// A second flick into the inertia of the first: so much stronger than its weakest.
const PUSH = 2.5;
const PUSH_LEAST = 24;
const FEEBLE = 3;

export function wheelGestures() {
  let lastTime = -Infinity;
  let lastSign = 0;
  let strength = 0;
  let weakest = 0;
  let fallen = false;

  // What an event means: -1, 1, or 0 if it belongs to a gesture that has been told already.
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
