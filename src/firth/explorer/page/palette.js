// The colours, for light and dark. What a colour says is always said in another way too (a label, a number, a place),
// and the hues are told apart by eyes that miss red or green: they differ in lightness and along blue to yellow.

/**
 * @typedef {Object} Palette
 * @property {boolean} dark
 * @property {string} paper @property {string} ink @property {string} soft @property {string} line
 * @property {string} accent @property {string} second
 * @property {string[]} clusters twelve
 * @property {string[]} sequence stops from little to much
 * @property {string[]} diverging stops from one end over the middle to the other
 */

/** @type {Palette} */
export const LIGHT = {
  dark: false,
  paper: "#fcfbf8",
  ink: "#20201d",
  soft: "#66645c",
  line: "#dad7cd",
  accent: "#0b5a7a",
  second: "#b04a0b",
  clusters: ["#1d5fa6", "#c25a10", "#17806a", "#a2387f", "#8b6f00", "#5a55a8", "#3f9fd8", "#e09437", "#58b593", "#d77bb5", "#bfa423", "#7d7f87"],
  sequence: ["#d8d3c4", "#9dbab5", "#4f8fa3", "#1f5f8b", "#142f5c"],
  diverging: ["#9a4a06", "#dd9a55", "#d3cfc4", "#74a9cf", "#0c4f8c"],
};

/** @type {Palette} */
export const DARK = {
  dark: true,
  paper: "#16181b",
  ink: "#e8e5de",
  soft: "#a19e95",
  line: "#363a3f",
  accent: "#84c5e3",
  second: "#f0a868",
  clusters: ["#5f9fe8", "#e8813a", "#35b394", "#d66fb4", "#c9a62c", "#9a94e8", "#8fd0f2", "#f5bd7c", "#92dcc0", "#f0aed6", "#e6d46a", "#b3b6be"],
  sequence: ["#41454b", "#3f6377", "#4f90ac", "#8cc0cc", "#f0ead0"],
  diverging: ["#f0a057", "#a96f3f", "#585c62", "#4f86ad", "#86c8f5"],
};

/**
 * @param {string} colour "#rrggbb"
 * @returns {number[]} three of 0 … 255
 */
export function channels(colour) {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
}

/**
 * A colour as a canvas keeps it in memory: alpha, blue, green, red in one number, on the little-endian machines
 * that browsers run on.
 * @param {string} colour
 * @returns {number}
 */
export function packed(colour) {
  const [red, green, blue] = channels(colour);
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/**
 * The colour at a place between stops.
 * @param {string[]} stops
 * @param {number} at 0 … 1
 * @returns {string}
 */
export function between(stops, at) {
  const place = Math.min(Math.max(at, 0), 1) * (stops.length - 1);
  const first = Math.min(Math.floor(place), stops.length - 2);
  const [low, high] = [channels(stops[first]), channels(stops[first + 1])];
  return `#${low.map((from, channel) => Math.round(from + (high[channel] - from) * (place - first)).toString(16).padStart(2, "0")).join("")}`;
}
