// A table of numbers as colours, one row a word; the cells are one small image, so that hundreds of columns stay light.

import { label, svg } from "./element.js";
import { between, channels } from "./palette.js";
import { percent } from "./numbers.js";
import { FONT, textWidth } from "./typeface.js";

/**
 * @param {import("./palette.js").Palette} palette
 * @param {Object} settings
 * @param {string} settings.title
 * @param {string[]} settings.words
 * @param {{heading: string, numbers: number[][], kept?: number[]}[]} settings.parts one below the other
 * @param {number} settings.width
 * @returns {SVGElement}
 */
export function heatPicture(palette, { title, words, parts, width }) {
  const line = Math.max(12, Math.min(22, Math.round(600 / words.length)));
  const size = Math.min(14, line - 2);
  const left = Math.ceil(Math.max(40, ...words.map((word) => textWidth(label(word), size)))) + 22;
  const across = width - left - 14;
  // A heading that has no room beside the scale's ends goes on below itself.
  const headings = parts.map(({ heading }) => (textWidth(heading, 13) > across - 90 ? heading.split("; ") : [heading]));
  const tall = parts.map(({ kept }, at) => 24 + 16 * headings[at].length + words.length * line + (kept ? 46 : 8));
  const height = 34 + tall.reduce((sum, one) => sum + one, 0);
  let top = 34;
  const drawn = parts.map((part, at) => {
    const made = onePart(palette, part, { lines: headings[at], words, line, size, left, across, top });
    top += tall[at];
    return made;
  });
  return svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "font-family": FONT, role: "img", "aria-label": title },
    svg("rect", { width, height, fill: palette.paper }),
    svg("text", { x: 10, y: 22, fill: palette.ink, "font-size": 16, "font-weight": 600 }, title), drawn);
}

function onePart(palette, { numbers, kept }, { lines, words, line, size, left, across, top }) {
  const begin = 10 + 16 * lines.length;
  const columns = numbers[0]?.length ?? 0;
  const most = Math.max(...numbers.flat().map(Math.abs), 1e-12);
  const tall = words.length * line;
  const cell = across / Math.max(1, columns);
  return svg("g", { transform: `translate(0 ${top})` },
    lines.map((one, at) => svg("text", { x: left, y: 16 * (at + 1), fill: palette.soft, "font-size": 13 }, one)),
    svg("text", { x: left + across, y: 16, fill: palette.soft, "font-size": 12, "text-anchor": "end" }, `−${most.toPrecision(2)} … ${most.toPrecision(2)}`),
    svg("image", { x: left, y: begin, width: across, height: tall, preserveAspectRatio: "none", "image-rendering": "pixelated", href: cellsOf(palette, numbers, columns, most) }),
    words.map((word, row) => svg("text", { x: left - 8, y: begin + (row + 0.5) * line + size / 3, fill: palette.ink, "font-size": size, "text-anchor": "end" }, label(word))),
    kept ? shares(palette, kept, left, begin + tall, cell) : null);
}

// Below each component a bar for the variance that it keeps, and the sum so far under some of them.
function shares(palette, kept, left, top, cell) {
  const most = Math.max(...kept, 1e-12);
  const every = Math.max(1, Math.ceil(46 / cell));
  let sum = 0;
  return kept.map((share, at) => {
    sum += share;
    return svg("g", {},
      svg("rect", { x: left + at * cell + 1, y: top + 4, width: Math.max(1, cell - 2), height: Math.max(0.5, (share / most) * 16), fill: palette.accent }, svg("title", {}, `component ${at + 1}: ${percent(share)} of the variance`)),
      at % every === 0 ? svg("text", { x: left + (at + 0.5) * cell, y: top + 36, fill: palette.soft, "font-size": 11, "text-anchor": "middle" }, percent(sum)) : null);
  });
}

function cellsOf(palette, numbers, columns, most) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, columns);
  canvas.height = numbers.length;
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  const shades = Array.from({ length: 201 }, (_, at) => channels(between(palette.diverging, at / 200)));
  numbers.forEach((row, y) => row.forEach((number, x) => {
    const shade = shades[Math.round(100 * (1 + Math.min(1, Math.max(-1, number / most))))] ?? [0, 0, 0];
    image.data.set([...shade, 255], 4 * (y * columns + x));
  }));
  context.putImageData(image, 0, 0);
  return canvas.toDataURL("image/png");
}
