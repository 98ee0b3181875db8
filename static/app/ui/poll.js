// Polling while the page is visible.
import { useEffect } from 'preact/hooks';

const SLOWEST = 30000;

// Runs the async function `ask` every `pause` milliseconds while the page is visible and `active`, with
// exponential backoff after failures. `again`: dependencies whose change restarts it.
export function usePoll(ask, pause, active, again = []) {
  useEffect(() => {
    if (!active) return;
    let timer = 0;
    let running = false;
    let over = false;
    let wait = pause;
    const run = async () => {
      clearTimeout(timer);
      if (over || running || document.visibilityState !== 'visible') return;
      running = true;
      try {
        await ask();
        wait = pause;
      } catch {
        wait = Math.min(wait * 2, SLOWEST);
      }
      running = false;
      if (!over) timer = setTimeout(run, wait);
    };
    timer = setTimeout(run, pause);
    document.addEventListener('visibilitychange', run);
    addEventListener('online', run);
    return () => {
      over = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', run);
      removeEventListener('online', run);
    };
  }, [active, pause, ...again]);
}
