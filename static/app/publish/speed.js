// How fast something goes, from what has gone in the last seconds.
const WINDOW = 4000;

export class Speed {
  #points = [];

  // `done` bytes so far.
  note(done, at = performance.now()) {
    this.#points.push({ done, at });
    while (this.#points.length > 2 && at - this.#points[0].at > WINDOW) this.#points.shift();
  }

  forget() {
    this.#points = [];
  }

  // Bytes a second; 0 while it is not known.
  get() {
    const [first, last] = [this.#points[0], this.#points.at(-1)];
    const ms = first ? last.at - first.at : 0;
    return ms > 200 ? Math.max(0, ((last.done - first.done) / ms) * 1000) : 0;
  }
}
