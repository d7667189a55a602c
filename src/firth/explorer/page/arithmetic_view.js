// Arithmetic with words: king - man + woman, with and without the words that were asked with.

import { addressOf, changed } from "./address.js";
import { choice, exchange, noted, problem, remark, textField, tick } from "./controls.js";
import { element, replace } from "./element.js";
import { written } from "./expressions.js";
import { OVERTAKEN, latestOnly } from "./latest.js";
import { listsPicture } from "./lists_picture.js";
import { viewFrame } from "./view_frame.js";
import { scaleOf, tableOf, wordTable } from "./word_table.js";

const WHAT = {
  "3CosAdd": "the words nearest to the sum by cosine",
  "3CosMul": "a product of similarities instead of a sum",
  PairDirection: "the words that lie in the same direction",
};

const EXAMPLES = ["king - man + woman", "paris - france + italy", "walked - walk + swim", "wife - woman + man"];

export const arithmeticView = {
  name: "arithmetic",
  title: "Arithmetic",
  open(app, parameters) {
    const latest = latestOnly();
    const controls = element("div", { class: "controls row" });
    const result = element("section", { "aria-label": "Answers" });
    let shown = null;
    const root = viewFrame(app, "Arithmetic", "Words added and taken away: what lies where the sum points?", {
      name: () => `arithmetic-${shown?.expression ?? ""}`,
      picture: (palette) => shown && listsPicture(palette, [{ heading: `${shown.method}${shown.centred ? ", mean taken off" : ""}`, answers: shown.answers, scale: shown.scale }], shown.expression),
      table: () => shown && tableOf(shown.answers, shown.method),
    }, controls, result);

    const update = async (place) => {
      const expression = place.get("expression") ?? "";
      const method = place.get("method") ?? app.methods[0];
      const keep = place.get("queries") === "keep", centred = place.get("centred") === "1";
      const go = (changes) => app.go("arithmetic", changed(place, changes));
      exchange(controls,
        textField("Expression", expression, (one) => go({ expression: one }), { placeholder: "king - man + woman", maxlength: 2000 }),
        choice("Method", app.methods.map((one) => [one, one]), method, (one) => go({ method: one })),
        tick("Show the words asked with", keep, (one) => go({ queries: one ? "keep" : null })),
        tick("Take the mean off", centred, (one) => go({ centred: one ? 1 : null })));
      if (!expression) {
        shown = null;
        replace(result, remark("Write words with + and − between them, each with a blank on both sides; a number and * before a word weighs it, and double quotes hold a word with blanks."));
        const some = await latest(examples(app, place));
        if (some !== OVERTAKEN) result.append(some);
        return;
      }
      try {
        const answer = await latest(app.api.analogy(app.model, { expression, method, k: 15, queries: keep ? "keep" : "leave", centred: centred ? 1 : 0 }));
        if (answer === OVERTAKEN) return;
        shown = { ...answer, centred, scale: scaleOf(answer.answers, true) };
        exchange(result,
          remark(`${answer.method}: ${WHAT[answer.method] ?? ""}.${keep ? " Words asked with stand in italics." : ""}`),
          noted(answer.notes),
          wordTable({ caption: element("bdi", { class: "expression" }, expression.slice(0, 300)), answers: answer.answers, measure: answer.method, similarity: true, scale: shown.scale, address: (word) => addressOf("neighbors", changed(kept(place), { word })) }));
        app.announce(`${expression.slice(0, 80)} is nearest to ${answer.answers.slice(0, 3).map(({ word }) => word.slice(0, 40)).join(", ")}.`);
      } catch (error) {
        shown = null;
        replace(result, problem(error));
      }
    };
    update(parameters);
    return {
      root, update,
      /** A word chosen in the search field is added to the expression. */
      addWord: (word, place) => app.go("arithmetic", changed(place, { expression: [place.get("expression"), written(word)].filter(Boolean).join(" + ") })),
    };
  },
};

/** Some expressions to begin with, of words that the model has. */
async function examples(app, place) {
  const has = async (word) => (await app.api.words(app.model, word, 50).catch(() => ({ words: [] }))).words.some((one) => one.word === word);
  const answerable = await Promise.all(EXAMPLES.map(async (one) => (await Promise.all(one.split(/ [-+] /).map(has))).every(Boolean)));
  return element("ul", { class: "word-list" }, EXAMPLES.filter((_, at) => answerable[at]).map((one) => element("li", {}, element("a", { href: addressOf("arithmetic", changed(place, { expression: one })) }, one))));
}

function kept(place) {
  const model = place.get("model");
  return new URLSearchParams(model ? { model } : {});
}
