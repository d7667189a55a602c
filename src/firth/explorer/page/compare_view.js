// Two models beside each other: a word's neighbours in both, and the words that moved most between them.

import { addressOf, changed } from "./address.js";
import { choice, exchange, problem, remark } from "./controls.js";
import { element, replace, wordText } from "./element.js";
import { OVERTAKEN, latestOnly } from "./latest.js";
import { listsPicture } from "./lists_picture.js";
import { counted, decimal } from "./numbers.js";
import { palette } from "./theme.js";
import { viewFrame } from "./view_frame.js";
import { wordField } from "./word_field.js";
import { scaleOf, tableOf, wordTable } from "./word_table.js";

export const compareView = {
  name: "compare",
  title: "Compare",
  takesWord: true,
  needsServer: true,
  open: (app, parameters) => new CompareView(app, parameters),
};

class CompareView {
  constructor(app, parameters) {
    this.app = app;
    this.latest = { word: latestOnly(), moved: latestOnly() };
    this.controls = element("div", { class: "controls row" });
    this.result = element("section", { "aria-label": "Neighbours in both" });
    this.moved = element("section", { "aria-label": "What moved most" });
    this.shown = null;
    this.root = viewFrame(app, "Compare", "One word in two models: which company it keeps in each, and which words moved most.", {
      name: () => `compare-${this.shown?.word ?? ""}`,
      picture: (colours) => this.#picture(colours),
      table: () => this.#table(),
    }, this.controls, element("div", { class: "compare" }, this.result, this.moved));
    this.update(parameters);
  }

  repaint() {
    if (this.shown) this.#showWord();
  }

  get #names() {
    return [this.left, this.right].map((one) => this.app.models[one]?.name ?? "");
  }

  async update(place) {
    this.place = place;
    if (this.app.models.length < 2) {
      replace(this.controls);
      replace(this.result, remark("This view needs two models: ", element("code", {}, "firth explore one other"), ", or ", element("code", {}, "firth explore one --untrained"), "."));
      return;
    }
    const number = (name, otherwise) => Math.min(this.app.models.length - 1, Math.max(0, Number(place.get(name) ?? otherwise) || 0));
    [this.left, this.right] = [number("left", 0), number("right", 1)];
    this.word = place.get("word") ?? "";
    this.metric = place.get("metric") ?? "cosine";
    this.#showControls();
    await Promise.all([this.#askWord(), this.#askMoved()]);
  }

  #showControls() {
    const go = (changes) => this.app.go("compare", changed(this.place, changes));
    const models = this.app.models.map(({ name }, at) => [String(at), name.slice(0, 60)]);
    exchange(this.controls,
      wordField(this.app, { label: "Word", value: this.word, choose: (word) => go({ word }) }),
      choice("Left", models, String(this.left), (left) => go({ left })),
      choice("Right", models, String(this.right), (right) => go({ right })),
      choice("Metric", this.app.metrics.map((one) => [one, one]), this.metric, (metric) => go({ metric })));
  }

  async #askWord() {
    if (!this.word) {
      this.shown = null;
      replace(this.result, remark("Type a word, or choose one that moved."));
      return;
    }
    try {
      const answer = await this.latest.word(this.app.api.compare(this.left, this.right, { word: this.word, k: 15, metric: this.metric }));
      if (answer === OVERTAKEN) return;
      this.shown = answer;
      this.#showWord();
      this.app.announce(`${this.word.slice(0, 60)}: ${answer.shared.length} of its neighbours are the same in both models.`);
    } catch (error) {
      this.shown = null;
      replace(this.result, problem(error));
    }
  }

  #lists() {
    return ["left", "right"].map((side, at) => ({ heading: this.#names[at], answers: this.shown[side] ?? [], missing: this.shown[side] === null }));
  }

  #showWord() {
    const shared = new Set(this.shown.shared);
    const lists = this.#lists();
    const address = (word) => addressOf("compare", changed(this.place, { word }));
    exchange(this.result,
      element("h2", { class: "queried" }, wordText(this.word)),
      remark(lists.some(({ missing }) => missing) ? "One of the models does not have this word." : `${shared.size} of ${lists[0].answers.length} neighbours are the same in both.`),
      element("figure", { class: "figure" }, this.#picture(palette(), this.result.clientWidth || Infinity)),
      element("details", {}, element("summary", {}, "As tables"),
        element("div", { class: "side-by-side" }, lists.map(({ heading, answers }) => wordTable({ caption: heading.slice(0, 80), answers, measure: this.metric, similarity: true, narrow: true, address, mark: ({ word }) => (shared.has(word) ? "shared" : "") })))));
  }

  #picture(colours, room) {
    if (!this.shown) return null;
    return listsPicture(colours, this.#lists().map((list) => ({ ...list, scale: scaleOf(list.answers, this.metric === "cosine" || this.metric === "correlation") })), this.word, room);
  }

  async #askMoved() {
    const asked = `${this.left} ${this.right}`;
    if (asked === this.askedMoved) return;
    this.askedMoved = asked;
    if (this.left === this.right) {
      replace(this.moved, remark("Choose two different models to see what moved."));
      return;
    }
    const [left, right] = [this.left, this.right].map((one) => this.app.models[one].dim);
    if (left !== right) {
      replace(this.moved, remark(`What moved is told of models with as many dimensions; these have ${left} and ${right}.`));
      return;
    }
    replace(this.moved, remark("Turning one model onto the other …"));
    try {
      const answer = await this.latest.moved(this.app.api.moved(this.left, this.right, { k: 50, least_count: 5 }));
      if (answer === OVERTAKEN) return;
      this.moves = answer.words;
      const names = this.#names;
      const counts = answer.words.some((one) => Number.isFinite(one.left_count));
      replace(this.moved, element("h2", {}, "What moved most"), remark(`Aligned by ${answer.method}.`),
        element("div", { class: "scroll" }, element("table", { class: "words" }, element("caption", { class: "unseen" }, "Words by how little their two vectors have in common"),
          element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "word"), element("th", { scope: "col", class: "number" }, "cosine"),
            counts ? names.map((name) => element("th", { scope: "col", class: "number", title: `How often it comes in ${name}` }, element("bdi", {}, name.slice(0, 14)))) : null)),
          element("tbody", {}, answer.words.map((one) => element("tr", {},
            element("th", { scope: "row", class: "word-cell" }, element("a", { href: addressOf("compare", changed(this.place, { word: one.word })) }, wordText(one.word))),
            element("td", { class: "number" }, decimal(one.similarity)),
            counts ? [one.left_count, one.right_count].map((count) => element("td", { class: "number quiet" }, counted(count))) : null))))));
    } catch (error) {
      replace(this.moved, problem(error));
    }
  }

  #table() {
    if (this.shown) {
      const names = this.#names;
      const tables = this.#lists().map(({ answers }) => tableOf(answers, "value"));
      return { columns: ["model", ...tables[0].columns], rows: tables.flatMap(({ rows }, at) => rows.map((row) => [names[at], ...row])) };
    }
    return this.moves ? { columns: ["word", "cosine", "left count", "right count"], rows: this.moves.map((one) => [one.word, one.similarity, one.left_count, one.right_count]) } : null;
  }
}
