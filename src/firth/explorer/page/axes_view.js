// Axes of meaning: two lists of words make a direction, on which all others have a place; two directions make a plane.

import { addressOf, changed } from "./address.js";
import { button, exchange, leftOut, problem, remark } from "./controls.js";
import { element, replace } from "./element.js";
import { OVERTAKEN, latestOnly } from "./latest.js";
import { listsPicture } from "./lists_picture.js";
import { scatterPicture } from "./scatter_picture.js";
import { palette } from "./theme.js";
import { viewFrame } from "./view_frame.js";
import { wordListField } from "./word_list_field.js";
import { wordTable } from "./word_table.js";

const FIRST = 150; // words on the plane where none were chosen
const K = 15;

export const axesView = {
  name: "axes",
  title: "Axes",
  open: (app, parameters) => new AxesView(app, parameters),
};

class AxesView {
  constructor(app, parameters) {
    this.app = app;
    this.latest = latestOnly();
    this.controls = element("div", { class: "controls" });
    this.result = element("section", { "aria-label": "Words on the axes" });
    this.shown = null;
    this.root = viewFrame(app, "Axes", "Two lists of words make an axis; every word has a place on it. A second axis makes a plane.", {
      name: () => "axes",
      picture: (colours) => this.#picture(colours),
      table: () => this.#table(),
    }, this.controls, this.result);
    this.update(parameters);
  }

  repaint() {
    if (this.shown?.plane) this.#showPlane();
  }

  async update(place) {
    this.place = place;
    const list = (name) => place.getAll(name);
    this.lists = { positive: list("positive"), negative: list("negative"), yPositive: list("y_positive"), yNegative: list("y_negative"), words: list("word") };
    this.#showControls();
    const { positive, negative, yPositive, yNegative, words } = this.lists;
    if (!positive.length || !negative.length) {
      this.shown = null;
      replace(this.result, remark("Give at least one word to each end, for example ", this.#example(["man"], ["woman"]), " or ", this.#example(["small"], ["big"]), "."));
      return;
    }
    const { api, model } = this.app;
    const isPlane = yPositive.length > 0 && yNegative.length > 0;
    try {
      const asked = isPlane
        ? api.plane(model, { x_positive: positive, x_negative: negative, y_positive: yPositive, y_negative: yNegative, ...(words.length ? { word: words } : { first: FIRST }) })
        : api.axis(model, { positive, negative, word: words, k: K });
      const answer = await this.latest(asked);
      if (answer === OVERTAKEN) return;
      this.shown = { ...answer, plane: isPlane };
      if (isPlane) this.#showPlane();
      else this.#showAxis();
    } catch (error) {
      this.shown = null;
      replace(this.result, problem(error));
    }
  }

  #example(negative, positive) {
    return element("a", { href: addressOf("axes", changed(this.place, { negative, positive })) }, `${negative.join(", ")} → ${positive.join(", ")}`);
  }

  #showControls() {
    const go = (changes) => this.app.go("axes", changed(this.place, changes));
    const field = (label, name, words) => wordListField(this.app, { label, words, change: (chosen) => go({ [name]: chosen }) });
    const { positive, negative, yPositive, yNegative, words } = this.lists;
    const second = yPositive.length || yNegative.length || this.second;
    exchange(this.controls,
      element("div", { class: "axis-fields" }, field("From", "negative", negative), element("span", { class: "arrow", "aria-hidden": "true" }, "→"), field("To", "positive", positive)),
      second
        ? element("div", { class: "axis-fields" }, field("Upwards from", "y_negative", yNegative), element("span", { class: "arrow", "aria-hidden": "true" }, "↑"), field("Upwards to", "y_positive", yPositive))
        : button("Add a second axis", () => { this.second = true; this.#showControls(); }, { class: "quiet-button" }),
      field(second ? "Words on the plane (none: the most frequent)" : "Words to place on it", "word", words));
  }

  #ends() {
    const text = (words) => words.join(", ");
    const { positive, negative, yPositive, yNegative } = this.lists;
    return { across: [text(negative), text(positive)], up: [text(yNegative), text(yPositive)] };
  }

  #scale() {
    const { words, most, least } = this.shown;
    const far = Math.max(0.05, ...[...words, ...most, ...least].map(({ value }) => Math.abs(value)));
    return [-far, far];
  }

  #showAxis() {
    const { words, most, least } = this.shown;
    const { across } = this.#ends();
    const scale = this.#scale();
    const address = (word) => addressOf("neighbors", { word, model: this.app.model || null });
    const table = (caption, answers) => wordTable({ caption, answers, measure: "cosine", similarity: true, address, scale });
    replace(this.result, leftOut(this.shown.unknown),
      words.length ? table("Chosen words, from the one end to the other", words) : null,
      element("div", { class: "side-by-side" }, table(`Furthest towards ${across[0]}`.slice(0, 90), least), table(`Furthest towards ${across[1]}`.slice(0, 90), most)));
    this.app.announce("The axis is shown.");
  }

  #showPlane() {
    const { across, up } = this.#ends();
    const figure = element("figure", { class: "figure" }, this.#picture(palette()));
    replace(this.result, leftOut(this.shown.unknown), figure,
      element("details", {}, element("summary", {}, "As a table"),
        element("table", { class: "words" }, element("caption", {}, "Places on the plane: the cosine with each axis"),
          element("thead", {}, element("tr", {}, ["word", `${across[0]} → ${across[1]}`, `${up[0]} → ${up[1]}`].map((one, at) => element("th", { scope: "col", class: at ? "number" : null }, one.slice(0, 60))))),
          element("tbody", {}, this.shown.words.map(({ word, x, y }) => element("tr", {}, element("th", { scope: "row" }, element("bdi", { class: "word", dir: "auto" }, word.slice(0, 400))), element("td", { class: "number" }, x.toFixed(4)), element("td", { class: "number" }, y.toFixed(4))))))));
  }

  #picture(colours) {
    if (!this.shown) return null;
    const { across, up } = this.#ends();
    if (!this.shown.plane) {
      const { words, most, least } = this.shown;
      const lists = words.length ? [{ heading: "chosen words", answers: words, scale: this.#scale() }] : [{ heading: `towards ${across[0]}`, answers: least, scale: this.#scale() }, { heading: `towards ${across[1]}`, answers: most, scale: this.#scale() }];
      return listsPicture(colours, lists, `${across[0]} → ${across[1]}`);
    }
    const ends = new Set([...this.lists.positive, ...this.lists.negative, ...this.lists.yPositive, ...this.lists.yNegative]);
    const width = Math.round(Math.min(980, Math.max(320, this.result.clientWidth || 900)));
    return scatterPicture(colours, { points: this.shown.words.map((point) => ({ ...point, strong: ends.has(point.word) })), across, up, title: "Words on two axes", width, height: Math.round(Math.min(680, Math.max(360, width * 0.68))) });
  }

  #table() {
    if (!this.shown) return null;
    if (this.shown.plane) return { columns: ["word", "x", "y"], rows: this.shown.words.map(({ word, x, y }) => [word, x, y]) };
    const { words, most, least } = this.shown;
    return { columns: ["list", "word", "projection"], rows: [["chosen", words], ["least", least], ["most", most]].flatMap(([name, answers]) => answers.map(({ word, value }) => [name, word, value])) };
  }
}
