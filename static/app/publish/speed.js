// The transfer speed, averaged over the last seconds.
const WINDOW = 4000;

export class Speed {
  #points = [];

  // Records that `done` bytes have been sent in all.
  note(done, at = performance.now()) {
    this.#points.push({ done, at });
    while (this.#points.length > 2 && at - this.#points[0].at > WINDOW) this.#points.shift();
  }

  forget() {
    this.#points = [];
  }

  // Bytes per second; 0 if not known yet.
  get() {
    const [first, last] = [this.#points[0], this.#points.at(-1)];
    const ms = first ? last.at - first.at : 0;
    return ms > 200 ? Math.max(0, ((last.done - first.done) / ms) * 1000) : 0;
  }
}
