// What the dots' colours say: each row's number in a palette of 256, and how the rows are painted with it.

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
