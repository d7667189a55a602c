// What the dots' colours say: each row's number in a palette of 256, and a legend that says it in words.

import { element, replace, wordText } from "./element.js";
import { counted } from "./numbers.js";
import { between, packed } from "./palette.js";

/**
 * @typedef {Object} Painted
 * @property {Uint8Array} colours
 * @property {Uint32Array} palette
 * @property {Uint8Array|null} above rows drawn over all others
 */

const DIM = 255;

/** One colour for all. @returns {Painted} */
export function paintedPlain(count, palette) {
  return { colours: new Uint8Array(count), palette: new Uint32Array(256).fill(packed(palette.accent)), above: null };
}

/**
 * Some rows in colour over all others in grey.
 * @param {number} count
 * @param {Iterable<number>} rows
 * @returns {Painted}
 */
export function paintedSome(count, rows, palette, colour = palette.second) {
  const colours = new Uint8Array(count).fill(DIM), above = new Uint8Array(count);
  for (const row of rows) {
    colours[row] = 0;
    above[row] = 1;
  }
  const painted = new Uint32Array(256).fill(packed(colour));
  painted[DIM] = packed(palette.line);
  return { colours, palette: painted, above };
}

/** @param {Float32Array} values a cluster's number for each row @param {number|null} only the one to be told apart @returns {Painted} */
export function paintedClusters(values, palette, only) {
  if (only !== null) {
    const rows = [];
    values.forEach((cluster, row) => cluster === only && rows.push(row));
    return paintedSome(values.length, rows, palette, palette.clusters[only % 12]);
  }
  const painted = new Uint32Array(256);
  for (let at = 0; at < 256; at++) painted[at] = packed(palette.clusters[at % 12]);
  return { colours: Uint8Array.from(values), palette: painted, above: null };
}

/**
 * Numbers on a scale of colours; the outermost hundredth at each end shares the end's colour.
 * @param {Float32Array} values
 * @param {boolean} diverging whether 0 is the middle
 * @returns {Painted & {low: number, high: number}}
 */
export function paintedScale(values, palette, diverging) {
  const step = Math.max(1, Math.floor(values.length / 20000));
  const some = [];
  for (let row = 0; row < values.length; row += step) if (Number.isFinite(values[row])) some.push(values[row]);
  some.sort((a, b) => a - b);
  const aside = Math.floor(some.length / 100);
  let [low, high] = some.length ? [some[aside], some[some.length - 1 - aside]] : [0, 1];
  if (diverging) [low, high] = [-Math.max(-low, high), Math.max(-low, high)];
  if (!(high > low)) high = low + 1;
  const stops = diverging ? palette.diverging : palette.sequence;
  const painted = new Uint32Array(256);
  for (let at = 0; at < 255; at++) painted[at] = packed(between(stops, at / 254));
  painted[DIM] = packed(palette.line);
  const colours = Uint8Array.from(values, (value) => (Number.isFinite(value) ? Math.min(254, Math.max(0, Math.round(((value - low) / (high - low)) * 254))) : DIM));
  return { colours, palette: painted, above: null, low, high };
}

/** A bar of the scale's colours with its ends in words. */
export function scaleLegend(stops, low, high) {
  const bar = element("canvas", { class: "scale-bar", width: 128, height: 1, "aria-hidden": "true" });
  const context = bar.getContext("2d");
  for (let at = 0; at < 128; at++) {
    context.fillStyle = between(stops, at / 127);
    context.fillRect(at, 0, 1, 1);
  }
  return element("div", { class: "legend scale-legend" }, element("span", {}, low), bar, element("span", {}, high));
}

/** The ends of a scale of logarithms. */
export function power(value) {
  return counted(Number((10 ** value).toPrecision(2)));
}

/**
 * Some frequent rows of each cluster. The very most frequent words say little about theirs; where there are enough
 * others, those speak for it.
 * @param {Float32Array} values a cluster's number for each row
 * @returns {number[][]}
 */
export function spokesmen(values) {
  const found = Array.from({ length: 12 }, () => []);
  let wanted = 36;
  for (let row = values.length > 1500 ? 100 : 0; row < values.length && wanted; row++) {
    if (found[values[row]]?.length < 3) wanted -= found[values[row]].push(row) > 0;
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
export function clusterLegend(rows, palette, wordOf, only, choose) {
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
