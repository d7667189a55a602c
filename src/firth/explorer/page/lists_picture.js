// Lists of words with their values as a picture: one dot a word on a common scale, and where two lists stand side by
// side, lines between the words that are in both.

import { label, svg } from "./element.js";
import { decimal, tickText, ticks } from "./numbers.js";
import { FONT, textWidth } from "./typeface.js";

const ROW = 22, TOP = 58, GAP = 70;
const NUMBER = 58, SCALE = { least: 60, most: 150 };

/**
 * @param {import("./palette.js").Palette} palette
 * @param {{heading: string, answers: import("./word_table.js").Answer[], scale: [number, number]}[]} lists one or two
 * @param {string} title
 * @param {number} [room] pixels there are; where they are few, the scales shrink, and at last only words are left
 * @returns {SVGElement}
 */
export function listsPicture(palette, lists, title, room = Infinity) {
  const wordsWide = Math.max(60, ...lists.flatMap(({ answers }) => answers.map(({ word }) => textWidth(label(word))))) + 14;
  const between = (lists.length - 1) * GAP + 32;
  const scale = Math.min(SCALE.most, Math.floor((room - between) / lists.length - wordsWide - NUMBER));
  const parts = scale >= SCALE.least ? { scale, number: NUMBER } : { scale: 0, number: 0 };
  const wide = wordsWide + parts.scale + parts.number;
  const width = Math.ceil(lists.length * wide + between);
  const height = TOP + Math.max(...lists.map(({ answers }) => answers.length), 1) * ROW + 34;
  const text = (x, y, content, more = {}) => svg("text", { x, y, fill: palette.ink, "font-size": 14, ...more }, content);
  const drawn = lists.map((list, number) => oneList(palette, text, { ...list, left: 16 + number * (wide + GAP), wordsWide, height, parts, mirrored: lists.length === 2 && number === 0 }));
  return svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "font-family": FONT, role: "img", "aria-label": title },
    svg("rect", { width, height, fill: palette.paper }),
    text(16, 24, label(title, 90), { "font-size": 16, "font-weight": 600 }),
    lists.length === 2 ? links(palette, lists, 16 + wide, GAP) : null,
    drawn);
}

// The left one of two lists is mirrored, so that the words of both stand at the lines that join them.
function oneList(palette, text, { heading, answers, scale: [least, most], left, wordsWide, height, parts, mirrored }) {
  const wide = wordsWide + parts.scale + parts.number;
  const start = mirrored ? left + parts.number : left + wordsWide;
  const at = (value) => start + 6 + ((value - least) / (most - least)) * (parts.scale - 12);
  const bottom = height - 28;
  const [wordAt, wordEnd] = mirrored ? [left + wide, "end"] : [left, "start"];
  return svg("g", {},
    text(wordAt, 46, label(heading, 40), { fill: palette.soft, "font-size": 13, "text-anchor": wordEnd }),
    (parts.scale ? ticks(least, most, 3) : []).map((tick) => [
      svg("line", { x1: at(tick), x2: at(tick), y1: TOP - 4, y2: bottom, stroke: palette.line }),
      text(at(tick), bottom + 15, tickText(tick), { fill: palette.soft, "font-size": 11, "text-anchor": "middle" }),
    ]),
    answers.map((answer, row) => {
      const y = TOP + ROW * row + ROW / 2;
      const word = text(wordAt, y + 5, label(answer.word), { "text-anchor": wordEnd });
      return parts.scale === 0 ? word : svg("g", {}, word,
        Number.isFinite(answer.low) ? svg("line", { x1: at(answer.low), x2: at(answer.high), y1: y, y2: y, stroke: palette.accent, "stroke-width": 2, opacity: 0.5 }) : null,
        svg("circle", { cx: at(answer.value), cy: y, r: 4, fill: palette.accent }),
        text(mirrored ? left + parts.number - 12 : left + wide - 4, y + 4, decimal(answer.value), { "text-anchor": "end", "font-size": 12, fill: palette.soft }));
    }));
}

function links(palette, [first, second], from, gap) {
  const rows = new Map(second.answers.map(({ word }, row) => [word, row]));
  const y = (row) => TOP + ROW * row + ROW / 2;
  return first.answers.map(({ word }, row) => (rows.has(word)
    ? svg("path", { d: `M${from + 4},${y(row)}C${from + gap / 2},${y(row)} ${from + gap / 2},${y(rows.get(word))} ${from + gap - 4},${y(rows.get(word))}`, fill: "none", stroke: palette.second, "stroke-width": 1.5, opacity: 0.75 })
    : null));
}
