// What stands beside the map: a chosen word with its neighbours, the words of a lasso, the words in view.

import { button, remark } from "./controls.js";
import { element, wordText } from "./element.js";
import { counted } from "./numbers.js";
import { wordTable } from "./word_table.js";

const LISTED = 200; // words of a lasso that are shown; its file has them all

/** The rows of a lasso whose words are shown. @param {number[]} rows */
export function listed(rows) {
  return rows.slice(0, LISTED);
}

function heading(content, letGo, what) {
  return element("div", { class: "chosen-word" }, element("h2", {}, content), button("×", letGo, { class: "close", "aria-label": `Let go of the ${what}` }));
}

/**
 * A chosen word.
 * @param {Object} answer its neighbours
 * @param {string} more where there is more about them
 * @param {(word: string) => string} address where a word leads
 * @param {() => void} letGo
 * @returns {Node[]}
 */
export function chosenWord({ word, count, neighbors }, more, address, letGo) {
  return [
    heading(wordText(word), letGo, "word"),
    remark(count === null || count === undefined ? "" : `${counted(count)} times in the text. `, element("a", { href: more }, "All about its neighbours")),
    wordTable({ caption: element("span", { class: "unseen" }, "Its nearest words by cosine"), answers: neighbors, measure: "cosine", similarity: true, narrow: true, address }),
  ];
}

/**
 * The words of a lasso.
 * @param {number} count how many there are
 * @param {string[]} words the first of them
 * @param {(word: string) => string} address
 * @param {() => void} letGo
 * @returns {Node[]}
 */
export function lassoed(count, words, address, letGo) {
  return [
    heading(count === 1 ? "1 word" : `${counted(count)} words`, letGo, "words"),
    remark(count > words.length ? `The first ${words.length} are listed; CSV saves them all.` : "CSV saves them."),
    wordList(words, address),
  ];
}

/** @param {string[]} words @param {(word: string) => string} address */
export function wordList(words, address) {
  return element("ul", { class: "word-list" }, words.map((word) => element("li", {}, element("a", { href: address(word) }, wordText(word)))));
}
