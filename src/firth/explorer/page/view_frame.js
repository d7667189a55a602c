// What all views have in common: a heading, a line that says what is seen, the controls, and how to save it.

import { button } from "./controls.js";
import { element, replace } from "./element.js";
import { LIGHT } from "./palette.js";
import { csvBlob, pngBlob, save, svgBlob } from "./saving.js";

/**
 * @typedef {Object} Savings what a view can be saved as; each gives null while there is nothing to save
 * @property {() => string} name the file's name without its ending
 * @property {(palette: import("./palette.js").Palette) => SVGElement|null} [picture]
 * @property {() => ({columns: string[], rows: any[][]}|null|Promise<{columns: string[], rows: any[][]}|null>)} [table]
 */

/**
 * @param {Object} app
 * @param {string} title
 * @param {Node|string} what
 * @param {Savings} savings
 * @param {...Node} content
 */
export function viewFrame(app, title, what, savings, ...content) {
  return element("article", { class: "view" },
    element("header", { class: "heading" }, element("div", {}, element("h1", {}, title), element("p", { class: "what" }, what)), saveButtons(app, savings)),
    ...content);
}

/**
 * The buttons alone.
 * @param {Object} app
 * @param {Savings} savings
 */
export function saveButtons(app, { name, picture, table }) {
  // Who does not see the page hears it; who sees it reads it beside the buttons, until the next press.
  const heard = element("p", { class: "told", "aria-hidden": "true" });
  const tell = (text) => {
    app.announce(text);
    replace(heard, text);
  };
  const nothing = () => tell("There is nothing to save yet.");
  const saved = (ending, content) => {
    save(`${name().replace(/[^\p{L}\p{N}._-]+/gu, "-").slice(0, 80)}.${ending}`, content);
    app.announce(`Saved as ${ending.toUpperCase()}.`);
  };
  const failing = (act) => () => {
    replace(heard);
    return act().catch((error) => tell(error.message));
  };
  const drawn = (act) => failing(async () => {
    const made = picture(LIGHT);
    if (made) await act(made);
    else nothing();
  });
  return element("div", { class: "savings", role: "group", "aria-label": "Save this view" },
    picture && button("SVG", drawn(async (made) => saved("svg", svgBlob(made))), { "aria-label": "Save as SVG" }),
    picture && button("PNG", drawn(async (made) => saved("png", await pngBlob(made))), { "aria-label": "Save as PNG" }),
    table && button("CSV", failing(async () => {
      const made = await table();
      if (made) saved("csv", csvBlob(made.columns, made.rows));
      else nothing();
    }), { "aria-label": "Save as CSV" }),
    heard);
}
