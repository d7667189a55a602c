// Chosen words that glide over the plane from one moment of a training to the next.

import { label, replace, svg } from "./element.js";
import { placeLabels } from "./labels.js";
import { palette } from "./theme.js";
import { FONT, textWidth } from "./typeface.js";

const SETTLING = 260; // milliseconds after which a word has gone most of its way
const stills = matchMedia("(prefers-reduced-motion: reduce)");

export class Glide {
  /** @param {string} title */
  constructor(title) {
    this.root = svg("svg", { "font-family": FONT, role: "img", "aria-label": title, class: "glide" });
    this.words = [];
    this.now = [];
    this.target = [];
    this.box = null;
    this.frame = 0;
  }

  /** Stop moving. */
  close() {
    cancelAnimationFrame(this.frame);
  }

  /** Tell the picture's size in pixels. */
  resize(width, height) {
    Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` }).forEach(([name, value]) => this.root.setAttribute(name, value));
    [this.width, this.height] = [width, height];
    this.#paint();
  }

  /**
   * Go to these places.
   * @param {string[]} allWords
   * @param {([number, number]|null)[]} allPlaces null for a word that has none yet
   */
  goTo(allWords, allPlaces) {
    const words = allWords.filter((_, at) => allPlaces[at]);
    const places = allPlaces.filter(Boolean);
    if (!words.length) return;
    const isNew = words.join("\n") !== this.words.join("\n");
    this.words = words;
    this.target = places;
    if (isNew || !this.now.length || stills.matches) {
      this.now = places.map((place) => [...place]);
      this.box = this.#around(places);
      this.#paint();
      return;
    }
    this.last ??= performance.now();
    this.frame ||= requestAnimationFrame((time) => this.#step(time));
  }

  #around(places) {
    const ends = [0, 1].map((axis) => {
      const numbers = places.map((place) => place[axis]).filter(Number.isFinite);
      return [Math.min(...numbers), Math.max(...numbers)];
    });
    return ends.flatMap(([low, high]) => (high > low ? [low, high] : [low - 1, low + 1]));
  }

  #step(time) {
    this.frame = 0;
    const part = 1 - Math.exp(-Math.max(0, Math.min(100, time - this.last)) / SETTLING);
    this.last = time;
    let apart = 0;
    const towards = (from, to) => {
      apart = Math.max(apart, Math.abs(to - from));
      return from + (to - from) * part;
    };
    this.now = this.target.map(([x, y], at) => [towards(this.now[at][0], x), towards(this.now[at][1], y)]);
    this.box = this.#around(this.target).map((end, at) => towards(this.box[at], end));
    this.#paint();
    const size = Math.max(this.box[1] - this.box[0], this.box[3] - this.box[2]);
    if (apart > size / 2000) this.frame = requestAnimationFrame((next) => this.#step(next));
    else this.last = null;
  }

  #paint() {
    if (!this.box || !this.width) return;
    replace(this.root, ...this.#drawn(palette()));
  }

  #drawn(colours) {
    const [left, right, bottom, top] = this.box;
    const toX = (x) => 24 + ((x - left) / (right - left)) * (this.width - 96);
    const toY = (y) => this.height - 20 - ((y - bottom) / (top - bottom)) * (this.height - 40);
    const placed = this.words.map((word, row) => ({ row, text: label(word), x: toX(this.now[row][0]), y: toY(this.now[row][1]) }));
    const labels = placeLabels(placed, { width: this.width, height: this.height, line: 16, gap: 7, most: 400 }, (text) => textWidth(text));
    return [
      svg("rect", { width: this.width, height: this.height, fill: colours.paper }),
      ...placed.map(({ x, y }) => svg("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: 3.5, fill: colours.accent })),
      ...labels.map(({ text, left: from, y }) => svg("text", { x: from.toFixed(1), y: (y + 4.5).toFixed(1), "font-size": 14, fill: colours.ink, "paint-order": "stroke", stroke: colours.paper, "stroke-width": 3, "stroke-linejoin": "round" }, text)),
    ];
  }

  /** Draw anew in the colours that now hold. */
  repaint() {
    this.#paint();
  }

  /** The picture as it stands. @param {import("./palette.js").Palette} colours */
  picture(colours) {
    return this.box ? svg("svg", { width: this.width, height: this.height, viewBox: `0 0 ${this.width} ${this.height}`, "font-family": FONT }, this.#drawn(colours)) : null;
  }
}
