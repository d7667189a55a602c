// The legend beside the map: what the dots' colours say, in words.

import { exchange, remark } from "./controls.js";
import { element, replace, wordText } from "./element.js";
import { counted } from "./numbers.js";
import { between } from "./palette.js";
import { palette } from "./theme.js";

/**
 * @typedef {Object} Shown
 * @property {string} by "cluster", "count", "norm", "axis" or "search"
 * @property {any} values what the colours were made of
 * @property {{low: number, high: number}} painted
 * @property {boolean} counts whether the model knows how often words come
 * @property {[string[], string[]]} ends an axis's words
 * @property {number|null} only the one cluster that is told apart
 */

export class MapLegend {
  /**
   * @param {(row: number) => string|undefined} wordOf
   * @param {(cluster: number|null) => void} choose tells one cluster apart from the others
   */
  constructor(wordOf, choose) {
    this.root = element("div", {});
    this.wordOf = wordOf;
    this.choose = choose;
    this.of = null;
  }

  /** Rows that speak for the clusters; their words must be known. @returns {number[]} */
  get rows() {
    return this.spokesmen?.flat() ?? [];
  }

  /** Show nothing, or a message. */
  clear(...message) {
    replace(this.root, ...message);
    this.told = null;
  }

  /** @param {Shown} shown */
  show(shown) {
    const { by, values, painted, ends, counts } = shown;
    const { sequence, diverging } = palette();
    const list = (words) => words.join(", ").slice(0, 40);
    if (by === "cluster") this.#showClusters(shown);
    else if (by === "search") this.clear(remark(found(values)));
    else if (by === "axis") this.clear(scaleBar(diverging, list(ends[0]), list(ends[1])));
    else if (by === "count") this.clear(scaleBar(sequence, power(painted.low), `${power(painted.high)}${counts ? " times" : ". in rank"}`));
    else this.clear(scaleBar(sequence, painted.low.toPrecision(2), painted.high.toPrecision(2)));
  }

  #showClusters({ values, only }) {
    if (this.of !== values) [this.of, this.spokesmen] = [values, spokesmen(values)];
    const known = this.rows.filter((row) => this.wordOf(row) !== undefined).length;
    const told = JSON.stringify([only, known, palette().dark, values.length]);
    if (told === this.told) return;
    exchange(this.root, clusterList(this.spokesmen, palette(), this.wordOf, only, this.choose));
    this.told = told;
  }
}

function found({ total, rows }) {
  const beginning = `${counted(total)} ${total === 1 ? "word contains" : "words contain"} this.`;
  return total > rows.length ? `${beginning} The ${counted(rows.length)} most frequent are shown.` : beginning;
}

/** A bar of the scale's colours with its ends in words. */
function scaleBar(stops, low, high) {
  const bar = element("canvas", { class: "scale-bar", width: 128, height: 1, "aria-hidden": "true" });
  const context = bar.getContext("2d");
  for (let at = 0; at < 128; at++) {
    context.fillStyle = between(stops, at / 127);
    context.fillRect(at, 0, 1, 1);
  }
  return element("div", { class: "legend scale-legend" }, element("span", {}, low), bar, element("span", {}, high));
}

/** The ends of a scale of logarithms. */
function power(value) {
  return counted(Number((10 ** value).toPrecision(2)));
}

/**
 * Some frequent rows of each cluster. The very most frequent words say little about theirs; where there are enough
 * others, those speak for it. They speak for a cluster that has no others.
 * @param {Float32Array} values a cluster's number for each row
 * @returns {number[][]}
 */
function spokesmen(values) {
  const found = Array.from({ length: 12 }, () => []);
  const passed = values.length > 1500 ? 100 : 0;
  let wanted = 36;
  for (let row = passed; row < values.length && wanted; row++) {
    if (found[values[row]]?.length < 3) wanted -= found[values[row]].push(row) > 0;
  }
  for (const [cluster, rows] of found.entries()) {
    for (let row = 0; row < passed && !rows.length; row++) if (values[row] === cluster) rows.push(row);
  }
  return found;
}

/**
 * The clusters by frequent words of theirs; each can be told apart from the others.
 * @param {number[][]} rows as `spokesmen` gives them
 * @param {(row: number) => string|undefined} wordOf
 * @param {number|null} only
 * @param {(cluster: number|null) => void} choose
 */
function clusterList(rows, palette, wordOf, only, choose) {
  const legend = element("ul", { class: "legend clusters", "aria-label": "Clusters, by some of their frequent words" });
  replace(legend, rows.map((all, cluster) => {
    const some = all.filter((row) => wordOf(row) !== undefined);
    if (!some.length) return null;
    const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
    swatch.style.background = palette.clusters[cluster];
    return element("li", {}, element("button", { type: "button", "aria-pressed": String(only === cluster), on: { click: () => choose(only === cluster ? null : cluster) } },
      swatch, some.map((row, at) => [at ? ", " : "", wordText(wordOf(row))])));
  }));
  return legend;
}
