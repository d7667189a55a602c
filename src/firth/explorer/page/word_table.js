// Words with their numbers as a real table: rank, word, a mark on a scale, the number, how often the word comes.

import { element, svg, wordText } from "./element.js";
import { counted, decimal, percent } from "./numbers.js";

/**
 * @typedef {{word: string, row: number, count?: number|null, value: number, share?: number|null, low?: number|null, high?: number|null, asked?: boolean}} Answer
 */

const WIDE = 110;

/**
 * The ends of the scale on which values are marked: from 0, so that lengths can be compared.
 * @param {Answer[]} answers
 * @param {boolean} similarity whether 1 is the most there can be
 * @returns {[number, number]}
 */
export function scaleOf(answers, similarity) {
  const numbers = answers.flatMap(({ value, low, high }) => [value, low, high]).filter((one) => Number.isFinite(one));
  const most = Math.max(0, ...numbers), least = Math.min(0, ...numbers);
  return [least, similarity && most <= 1 ? 1 : most || 1];
}

/** A value's mark on its scale, with its interval; the number stands beside it, so readers of the screen skip it. */
export function strip({ value, low, high }, [least, most]) {
  const at = (number) => 4 + ((number - least) / (most - least)) * (WIDE - 8);
  return svg("svg", { class: "strip", width: WIDE, height: 14, viewBox: `0 0 ${WIDE} 14`, "aria-hidden": "true" },
    svg("line", { class: "scale", x1: 4, x2: WIDE - 4, y1: 7, y2: 7 }),
    svg("line", { class: "stem", x1: at(0), x2: at(value), y1: 7, y2: 7 }),
    Number.isFinite(low) && Number.isFinite(high) ? svg("line", { class: "interval", x1: at(low), x2: at(high), y1: 7, y2: 7 }) : null,
    svg("circle", { class: "dot", cx: at(value), cy: 7, r: 3.5 }));
}

/**
 * @param {Object} settings
 * @param {Node|string} settings.caption
 * @param {Answer[]} settings.answers
 * @param {string} settings.measure the number's name
 * @param {boolean} settings.similarity
 * @param {(word: string) => string} settings.address where a word leads
 * @param {(answer: Answer) => string} [settings.mark] a class for a row
 * @param {boolean} [settings.narrow] without scale and count
 * @param {[number, number]} [settings.scale]
 * @returns {HTMLTableElement}
 */
export function wordTable({ caption, answers, measure, similarity, address, mark = () => "", narrow = false, scale = scaleOf(answers, similarity) }) {
  const counts = !narrow && answers.some(({ count }) => count !== null && count !== undefined);
  const shares = answers.some(({ share }) => share !== null && share !== undefined);
  const intervals = answers.some(({ low }) => low !== null && low !== undefined);
  const head = element("tr", {},
    element("th", { scope: "col", class: "rank" }, element("span", { class: "unseen" }, "Rank")),
    element("th", { scope: "col" }, "word"),
    narrow ? null : element("th", { scope: "col", class: "strip-cell", "aria-hidden": "true" }),
    element("th", { scope: "col", class: "number" }, measure),
    intervals && !narrow ? element("th", { scope: "col", class: "number interval-cell", title: "The interval that holds 95 % of the runs" }, "95 %") : null,
    shares ? element("th", { scope: "col", class: "number", title: "The share of the runs on the text drawn again that list the word" }, "in runs") : null,
    counts ? element("th", { scope: "col", class: "number" }, "count") : null);
  const body = answers.map((answer, at) => element("tr", { class: [mark(answer), answer.asked ? "asked" : ""].join(" ").trim() || null },
    element("td", { class: "rank" }, at + 1),
    element("th", { scope: "row", class: "word-cell" }, element("a", { href: address(answer.word) }, wordText(answer.word))),
    narrow ? null : element("td", { class: "strip-cell", "aria-hidden": "true" }, strip(answer, scale)),
    element("td", { class: "number" }, decimal(answer.value)),
    intervals && !narrow ? element("td", { class: "number quiet interval-cell" }, Number.isFinite(answer.low) ? `${decimal(answer.low)} … ${decimal(answer.high)}` : "–") : null,
    shares ? element("td", { class: "number" }, Number.isFinite(answer.share) ? percent(answer.share) : "–") : null,
    counts ? element("td", { class: "number quiet" }, counted(answer.count)) : null));
  return element("table", { class: "words" }, element("caption", {}, caption), element("thead", {}, head), element("tbody", {}, body));
}

/** The same as rows of a file. @param {Answer[]} answers @param {string} measure */
export function tableOf(answers, measure) {
  return {
    columns: ["word", measure, "count", "share of runs", "low", "high"],
    rows: answers.map(({ word, value, count, share, low, high }) => [word, value, count ?? null, share ?? null, low ?? null, high ?? null]),
  };
}
