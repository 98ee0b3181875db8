// Interprets touches. The browser scrolls and snaps the page, but it would snap back after a slow
// swipe over less than half of the height, which should also change the video.
const LEAST = 40;
const PART = 0.08;
// Elements that handle touches themselves.
const OWN = 'input, .whole';
// Moving back by this many pixels cancels the swipe.
const BACK = 0.35;

// Listens to `scroller`. begun() at the start of a touch; ended(-1, 0 or 1) at its end, with the
// direction of the swipe.
export function watchSwipes(scroller, begun, ended) {
  let start = null;
  let turn = 0;

  const meaning = (touch) => {
    const dy = start.clientY - touch.clientY;
    const dx = start.clientX - touch.clientX;
    if (Math.abs(dy) < Math.max(LEAST, scroller.clientHeight * PART) || Math.abs(dx) > Math.abs(dy)) return 0;
    if (Math.abs(dy) < Math.abs(turn) * (1 - BACK) || Math.sign(dy) !== Math.sign(turn)) return 0;
    return Math.sign(dy);
  };
  const down = (event) => {
    start = event.touches.length === 1 && !event.target.closest(OWN) ? event.touches[0] : null;
    turn = 0;
    begun();
  };
  const moved = (event) => {
    if (!start) return;
    const dy = start.clientY - event.changedTouches[0].clientY;
    if (Math.abs(dy) > Math.abs(turn)) turn = dy;
  };
  const up = (event) => {
    if (event.touches.length) return;
    const by = start && event.type === 'touchend' ? meaning(event.changedTouches[0]) : 0;
    start = null;
    ended(by);
  };
  scroller.addEventListener('touchstart', down, { passive: true });
  scroller.addEventListener('touchmove', moved, { passive: true });
  scroller.addEventListener('touchend', up, { passive: true });
  scroller.addEventListener('touchcancel', up, { passive: true });
}
