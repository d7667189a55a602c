// A field for one word, with the words that begin as it does below it: the combobox of the ARIA practices.

import { element, replace, wordText } from "./element.js";
import { counted } from "./numbers.js";

let made = 0;

/**
 * @param {Object} app
 * @param {Object} settings
 * @param {string} settings.label what a screen reader calls it; shown above the field unless `quiet`
 * @param {string} [settings.value]
 * @param {string} [settings.placeholder]
 * @param {boolean} [settings.quiet]
 * @param {boolean} [settings.clears] whether the field is emptied when a word has been chosen
 * @param {(word: string) => void} settings.choose
 * @returns {HTMLElement & {field: HTMLInputElement}}
 */
export function wordField(app, { label, value = "", placeholder = "", quiet = false, clears = false, choose }) {
  const id = `words-${++made}`;
  const list = element("ul", { id, class: "completions", role: "listbox", "aria-label": `${label}: words`, hidden: true });
  const field = element("input", {
    type: "text", class: "field", role: "combobox", autocomplete: "off", autocapitalize: "off", spellcheck: "false", dir: "auto", placeholder,
    "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list", "aria-label": label, maxlength: 10000,
  });
  field.value = value;
  let options = [], active = -1, waiting = 0, asked = 0;

  const close = () => {
    asked++;
    list.hidden = true;
    active = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const take = (word) => {
    if (!word) return;
    field.value = clears ? "" : word;
    clearTimeout(waiting);
    close();
    choose(word);
  };
  const point = (next) => {
    active = options.length ? (next + options.length) % options.length : -1;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === active)));
    field.setAttribute("aria-activedescendant", active < 0 ? "" : `${id}-${active}`);
    list.children[active]?.scrollIntoView({ block: "nearest" });
  };
  const show = async () => {
    const own = ++asked;
    const text = field.value;
    const answer = text ? await app.api.words(app.model, text, 10).catch(() => ({ words: [] })) : { words: [] };
    if (own !== asked || document.activeElement !== field) return;
    const pointed = options[active]?.word;
    options = answer.words;
    replace(list, options.map((option, at) => element("li", {
      id: `${id}-${at}`, role: "option", "aria-selected": "false",
      // On pointerdown, before the field loses the focus and the list closes.
      on: { pointerdown: (event) => { event.preventDefault(); take(option.word); } },
    }, wordText(option.word), element("span", { class: "count" }, counted(option.count)))));
    list.hidden = !options.length;
    active = -1;
    // An answer that comes late takes nothing away from who has already moved into the list.
    if (options.some(({ word }) => word === pointed)) point(options.findIndex(({ word }) => word === pointed));
    field.setAttribute("aria-expanded", String(options.length > 0));
  };
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 70);
  });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) show();
      else point(active + (event.key === "ArrowDown" ? 1 : active < 0 ? 0 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      take(active >= 0 ? options[active].word : field.value);
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      close();
    } else if (event.key === "Escape") field.blur();
  });
  const root = element("div", { class: "word-field" }, quiet ? null : element("span", { class: "name", "aria-hidden": "true" }, label), field, list);
  return Object.assign(root, { field });
}
