// The words and vectors that a saved page carries, unpacked from its text.

import { cosine } from "./metrics.js";
import { principalComponents } from "./principal_components.js";

/** @param {string} text base64 @returns {Uint8Array} */
function bytes(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

export class VectorTable {
  /** @param {Object} data as the element #firth-data holds it */
  constructor(data) {
    this.words = data.words;
    this.counts = data.counts;
    this.size = data.words.length;
    this.matrix = new Float32Array(bytes(data.matrix).buffer);
    this.dim = this.matrix.length / this.size;
    this.layouts = Object.fromEntries(Object.entries(data.layouts).map(([name, text]) => [name, new Float32Array(bytes(text).buffer)]));
    this.clusters = data.clusters ? bytes(data.clusters) : null;
    this.numbers = new Map(data.words.map((word, row) => [word, row]));
    this.mean = null;
    this.centred = null;
    this.spread = null;
    this.principal = null;
  }

  /** @param {string} word @returns {boolean} whether it has a vector */
  has(word) {
    return this.numbers.has(word);
  }

  /** @param {string} word @returns {number} its row @throws {Error} where there is none */
  row(word) {
    const row = this.numbers.get(word);
    if (row === undefined) throw new Error(`There is no vector for “${word.slice(0, 60)}” among the ${this.size} words of this page.`);
    return row;
  }

  /** @param {number} row @param {boolean} [centred] @returns {Float32Array} a view */
  vector(row, centred = false) {
    return (centred ? this.#centredMatrix() : this.matrix).subarray(row * this.dim, (row + 1) * this.dim);
  }

  /** A word's vector scaled to length 1. @returns {Float64Array} */
  unit(row, centred = false) {
    const vector = this.vector(row, centred);
    const length = Math.hypot(...vector);
    return Float64Array.from(vector, (number) => (length ? number / length : 0));
  }

  /** The mean of all vectors. */
  get means() {
    if (!this.mean) {
      const sums = new Float64Array(this.dim);
      for (let at = 0; at < this.matrix.length; at++) sums[at % this.dim] += this.matrix[at];
      this.mean = sums.map((sum) => sum / this.size);
    }
    return this.mean;
  }

  /** The principal components of all vectors, computed when first asked for. */
  get components() {
    this.principal ??= principalComponents(this.matrix, this.dim, this.means);
    return this.principal;
  }

  #centredMatrix() {
    if (!this.centred) {
      const { means } = this;
      this.centred = this.matrix.map((number, at) => number - means[at % this.dim]);
    }
    return this.centred;
  }

  /** The variance of each dimension over all words. */
  get variances() {
    if (!this.spread) {
      const { means } = this;
      const sums = new Float64Array(this.dim);
      for (let at = 0; at < this.matrix.length; at++) sums[at % this.dim] += (this.matrix[at] - means[at % this.dim]) ** 2;
      this.spread = sums.map((sum) => sum / Math.max(1, this.size - 1));
    }
    return this.spread;
  }

  /**
   * The direction from some words to others, of length 1.
   * @param {string[]} positive
   * @param {string[]} negative
   * @returns {Float64Array}
   */
  direction(positive, negative) {
    const middle = (words) => {
      if (!words.length) throw new Error("An axis needs at least one word at each end.");
      const units = words.map((word) => this.unit(this.row(word)));
      return units[0].map((_, i) => units.reduce((sum, unit) => sum + unit[i], 0) / units.length);
    };
    const [to, from] = [middle(positive), middle(negative)];
    const apart = to.map((number, i) => number - from[i]);
    const length = Math.hypot(...apart);
    if (!(length > 1e-6)) throw new Error("The two ends of the axis have the same mean; give words that differ.");
    return apart.map((number) => number / length);
  }

  /** Where each row stands along a direction. */
  along(direction) {
    return (row) => cosine(this.vector(row), direction);
  }
}
