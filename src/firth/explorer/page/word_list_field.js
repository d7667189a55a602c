// A field for several words: each chosen word stands before the field and can be taken out again.

import { element, replace, wordText } from "./element.js";
import { wordField } from "./word_field.js";

/**
 * @param {Object} app
 * @param {Object} settings
 * @param {string} settings.label
 * @param {string[]} settings.words
 * @param {string} [settings.placeholder]
 * @param {(words: string[]) => void} settings.change
 * @returns {HTMLElement}
 */
export function wordListField(app, { label, words, placeholder = "add a word", change }) {
  const chosen = element("ul", { class: "chosen", "aria-label": label });
  const field = wordField(app, {
    label: `${label}: add a word`, quiet: true, clears: true, placeholder,
    choose: (text) => change([...new Set([...words, text])]),
  });
  replace(chosen, words.map((one) => element("li", {}, wordText(one), element("button", {
    type: "button", class: "remove", "aria-label": `Remove ${one.slice(0, 60)}`, on: { click: () => change(words.filter((other) => other !== one)) },
  }, "×"))));
  field.field.addEventListener("keydown", (event) => {
    if (event.key === "Backspace" && !field.field.value && words.length) change(words.slice(0, -1));
  });
  // Several words at once, as a list is pasted.
  field.field.addEventListener("paste", (event) => {
    const pasted = event.clipboardData.getData("text").split(/[\s,;]+/).filter(Boolean);
    if (pasted.length > 1) {
      event.preventDefault();
      change([...new Set([...words, ...pasted])].slice(0, 200));
    }
  });
  return element("div", { class: "word-list-field" }, element("span", { class: "name", "aria-hidden": "true" }, label), element("div", { class: "box" }, chosen, field));
}
