// The points sorted into the cells of a grid, so that the one under the pointer, those in view and those inside a lasso
// are found without going through all of them. Within a cell rows keep their order, the most frequent word first.

/** @typedef {import("./camera.js").Box} Box */

export class PointGrid {
  /**
   * @param {Float32Array} places x and y of each row; NaN for a row that has no place
   */
  constructor(places) {
    this.places = places;
    const count = places.length / 2;
    this.box = usualBox(places);
    this.side = Math.min(1024, Math.max(8, Math.round(Math.sqrt(count / 4))));
    const { left, right, bottom, top } = this.box;
    this.perX = this.side / (right - left || 1);
    this.perY = this.side / (top - bottom || 1);
    const cells = new Int32Array(count);
    /** starts[c] … starts[c + 1] are cell c's places in `rows` */
    this.starts = new Uint32Array(this.side * this.side + 1);
    for (let row = 0; row < count; row++) {
      const cell = this.#cell(places[2 * row], places[2 * row + 1]);
      cells[row] = cell;
      if (cell >= 0) this.starts[cell + 1]++;
    }
    for (let cell = 0; cell < this.side * this.side; cell++) this.starts[cell + 1] += this.starts[cell];
    this.rows = new Uint32Array(this.starts[this.side * this.side]);
    const next = this.starts.slice(0, -1);
    for (let row = 0; row < count; row++) if (cells[row] >= 0) this.rows[next[cells[row]]++] = row;
  }

  #column(x) {
    return Math.min(this.side - 1, Math.max(0, Math.floor((x - this.box.left) * this.perX)));
  }

  #line(y) {
    return Math.min(this.side - 1, Math.max(0, Math.floor((y - this.box.bottom) * this.perY)));
  }

  // What lies outside the usual box belongs to the cell at its edge.
  #cell(x, y) {
    return Number.isFinite(x) && Number.isFinite(y) ? this.#line(y) * this.side + this.#column(x) : -1;
  }

  /**
   * About how many points are in a box: whole cells are counted.
   * @param {Box} box
   */
  countAbout(box) {
    const [first, last] = [this.#column(box.left), this.#column(box.right)];
    let count = 0;
    for (let line = this.#line(box.bottom); line <= this.#line(box.top); line++) {
      count += this.starts[line * this.side + last + 1] - this.starts[line * this.side + first];
    }
    return count;
  }

  /**
   * The rows in a box, in their order.
   * @param {Box} box
   * @param {(x: number, y: number) => boolean} [also] a further condition
   * @returns {number[]}
   */
  inside(box, also = () => true) {
    const found = [];
    const [first, last] = [this.#column(box.left), this.#column(box.right)];
    for (let line = this.#line(box.bottom); line <= this.#line(box.top); line++) {
      const end = this.starts[line * this.side + last + 1];
      for (let at = this.starts[line * this.side + first]; at < end; at++) {
        const row = this.rows[at];
        const [x, y] = [this.places[2 * row], this.places[2 * row + 1]];
        if (x >= box.left && x <= box.right && y >= box.bottom && y <= box.top && also(x, y)) found.push(row);
      }
    }
    return found.sort((a, b) => a - b);
  }

  /**
   * The first rows in a box, at most `most` of them: from the grid where few are in view, else row by row.
   * @param {Box} box
   * @param {number} most
   * @returns {number[]}
   */
  firstInside(box, most) {
    if (this.countAbout(box) < 20000) return this.inside(box).slice(0, most);
    const found = [];
    for (let row = 0; row < this.places.length / 2 && found.length < most; row++) {
      const [x, y] = [this.places[2 * row], this.places[2 * row + 1]];
      if (x >= box.left && x <= box.right && y >= box.bottom && y <= box.top) found.push(row);
    }
    return found;
  }

  /**
   * The row nearest to a place, or −1 where none is within reach.
   * @param {number} x
   * @param {number} y
   * @param {number} reach
   */
  nearest(x, y, reach) {
    let [best, distance] = [-1, reach * reach];
    const [first, last] = [this.#column(x - reach), this.#column(x + reach)];
    for (let line = this.#line(y - reach); line <= this.#line(y + reach); line++) {
      const end = this.starts[line * this.side + last + 1];
      for (let at = this.starts[line * this.side + first]; at < end; at++) {
        const row = this.rows[at];
        const apart = (this.places[2 * row] - x) ** 2 + (this.places[2 * row + 1] - y) ** 2;
        if (apart < distance) [best, distance] = [row, apart];
      }
    }
    return best;
  }
}

/**
 * A box around nearly all points: a few that lie far out would leave the others one dot.
 * @param {Float32Array} places
 * @returns {Box}
 */
function usualBox(places) {
  const count = places.length / 2;
  const step = Math.max(1, Math.floor(count / 20000));
  const ends = [0, 1].map((axis) => {
    const some = [];
    for (let row = 0; row < count; row += step) if (Number.isFinite(places[2 * row + axis])) some.push(places[2 * row + axis]);
    some.sort((a, b) => a - b);
    if (!some.length) return [-1, 1];
    const aside = Math.floor(some.length / 500);
    const [low, high] = [some[aside], some[some.length - 1 - aside]];
    return high > low ? [low, high] : [low - 1, high + 1];
  });
  return { left: ends[0][0], right: ends[0][1], bottom: ends[1][0], top: ends[1][1] };
}
