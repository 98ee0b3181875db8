// Interprets touches. The browser scrolls and snaps the page, but it would snap back after a slow
// swipe over less than half of the height, which should also change the video.
const MIN_PX = 40;
const MIN_FRACTION = 0.08;
// Elements that handle touches themselves.
const EXCLUDED = 'input, .whole';
// Moving back by this many pixels cancels the swipe.
const CANCEL_FRACTION = 0.35;

// Listens to `scroller`. begun() at the start of a touch; ended(-1, 0 or 1) at its end, with the
// direction of the swipe.
export function watchSwipes(scroller, begun, ended) {
  let start = null;
  let turn = 0;

  const direction = (touch) => {
    const dy = start.clientY - touch.clientY;
    const dx = start.clientX - touch.clientX;
    if (Math.abs(dy) < Math.max(MIN_PX, scroller.clientHeight * MIN_FRACTION) || Math.abs(dx) > Math.abs(dy)) return 0;
    if (Math.abs(dy) < Math.abs(turn) * (1 - CANCEL_FRACTION) || Math.sign(dy) !== Math.sign(turn)) return 0;
    return Math.sign(dy);
  };
  const started = (event) => {
    start = event.touches.length === 1 && !event.target.closest(EXCLUDED) ? event.touches[0] : null;
    turn = 0;
    begun();
  };
  const moved = (event) => {
    if (!start) return;
    const dy = start.clientY - event.changedTouches[0].clientY;
    if (Math.abs(dy) > Math.abs(turn)) turn = dy;
  };
  const stopped = (event) => {
    if (event.touches.length) return;
    const by = start && event.type === 'touchend' ? direction(event.changedTouches[0]) : 0;
    start = null;
    ended(by);
  };
  scroller.addEventListener('touchstart', started, { passive: true });
  scroller.addEventListener('touchmove', moved, { passive: true });
  scroller.addEventListener('touchend', stopped, { passive: true });
  scroller.addEventListener('touchcancel', stopped, { passive: true });
}
