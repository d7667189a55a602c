// A training under way: chosen words move as they learn, with the loss beside them; every moment can be gone back to.

import { changed } from "./address.js";
import { button, exchange, problem } from "./controls.js";
import { element, replace } from "./element.js";
import { Glide } from "./glide.js";
import { lineChart } from "./line_chart.js";
import { counted, decimal, percent } from "./numbers.js";
import { palette } from "./theme.js";
import { wordListField } from "./word_list_field.js";

const PAUSE = 600; // milliseconds between two questions to the server

export class LiveTraining {
  /**
   * @param {Object} app
   * @param {URLSearchParams} place
   */
  constructor(app, place) {
    this.app = app;
    this.frames = [];
    /** The frames in which at least one of the words has a place. */
    this.moments = [];
    this.words = [];
    this.unit = "words";
    this.followed = true;
    this.glide = new Glide("Chosen words as they move while the training runs");
    this.state = element("p", { class: "live-state", role: "status" });
    this.progress = element("progress", { max: 1, value: 0, "aria-label": "How far the training is" });
    this.slider = element("input", { type: "range", min: 0, max: 0, value: 0, step: 1, "aria-label": "Moment of the training", on: { input: () => this.#scrub() } });
    this.field = element("div", {});
    this.stage = element("figure", { class: "figure glide-figure" }, this.glide.root);
    this.loss = element("figure", { class: "figure" });
    this.root = element("section", { class: "live", "aria-label": "Training under way" },
      this.state, this.progress,
      element("div", { class: "live-figures" }, this.stage, this.loss),
      element("div", { class: "moments" }, this.slider, button("Latest", () => { this.followed = true; this.#show(this.moments.length - 1); })),
      this.field);
    this.observer = new ResizeObserver(() => this.#resize());
    this.observer.observe(this.stage);
    this.update(place);
  }

  close() {
    this.closed = true;
    clearTimeout(this.next);
    this.observer.disconnect();
    this.glide.close();
  }

  repaint() {
    this.glide.repaint();
    this.#showLoss();
  }

  update(place) {
    this.place = place;
    const asked = place.getAll("word");
    if (this.asked?.join("\n") === asked.join("\n")) return;
    this.asked = asked;
    [this.frames, this.moments, this.followed] = [[], [], true];
    this.#ask();
  }

  async #ask() {
    clearTimeout(this.next);
    const { asked } = this;
    try {
      const answer = await this.app.api.live(this.frames.at(-1)?.number ?? 0, asked);
      if (this.closed || asked !== this.asked) return;
      this.#take(answer);
      if (answer.state === "training") this.next = setTimeout(() => this.#ask(), PAUSE);
      else if (this.before === "training") this.app.trained();
      this.before = answer.state;
    } catch (error) {
      if (!this.closed) replace(this.state, problem(error));
      if (!this.closed) this.next = setTimeout(() => this.#ask(), 5 * PAUSE);
    }
  }

  #take({ state, frames, words, unit }) {
    this.unit = unit ?? this.unit;
    if (words.join("\n") !== this.words.join("\n") || !this.field.firstChild) {
      this.words = words;
      exchange(this.field, wordListField(this.app, { label: "Words to follow", words, change: (word) => this.app.go("training", changed(this.place, { word })) }));
    }
    this.frames.push(...frames);
    this.moments.push(...frames.filter(({ places }) => places.some(Boolean)));
    this.slider.max = String(Math.max(0, this.moments.length - 1));
    const last = this.frames.at(-1);
    const share = last?.words_total ? last.words_done / last.words_total : 0;
    this.progress.value = state === "done" ? 1 : share;
    const told = last && !this.moments.length && state === "done" ? "The training is over; these words were not followed while it ran." : { none: "No training is under way.", training: last ? `Training: ${percent(share)} of the way, ${counted(last.words_done)} ${this.unit}.` : "Training; waiting for its first steps.", done: "The training is over.", failed: "The training ended with an error; its terminal says which." }[state];
    if (this.state.textContent !== told) replace(this.state, told);
    if (frames.length && this.followed) this.#show(this.moments.length - 1);
    if (frames.length) this.#showLoss();
  }

  #scrub() {
    const at = Number(this.slider.value);
    this.followed = at === this.moments.length - 1;
    this.#show(at);
  }

  #show(at) {
    const frame = this.moments[at];
    if (!frame) return;
    this.slider.value = String(at);
    this.slider.setAttribute("aria-valuetext", `${counted(frame.words_done)} ${this.unit}`);
    this.glide.goTo(this.words, frame.places);
  }

  #resize() {
    const width = Math.round(this.stage.clientWidth);
    if (width > 10) this.glide.resize(width, Math.round(Math.min(520, Math.max(280, width * 0.7))));
    this.#showLoss();
  }

  #showLoss() {
    const width = Math.round(Math.min(560, this.loss.clientWidth));
    if (width > 10 && this.frames.length) replace(this.loss, this.lossPicture(palette(), width, Math.round(Math.min(360, width * 0.7))));
  }

  lossPicture(colours, width = 640, height = 400) {
    const series = [["training", "training"], ["held out", "held_out"]].map(([name, key]) => ({ name, points: this.frames.filter((frame) => Number.isFinite(frame[key])).map((frame) => [frame.words_done / 1e6, frame[key]]) }));
    const last = series.find(({ points }) => points.length)?.points.at(-1)?.[1];
    return lineChart(colours, { series, across: `million ${this.unit}`, up: "loss", title: `Loss while training${last === undefined ? "" : `, now ${decimal(last)}`}`, width, height });
  }
}
