// What stands above the dots: labels, the rings around chosen words, the word under the pointer, the lasso.

import { label } from "./element.js";
import { palette } from "./theme.js";
import { FONT } from "./typeface.js";

const SHOWN = 20000; // rows of a lasso that are marked one by one

export class MapSigns {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.context = canvas.getContext("2d");
    this.widths = new Map();
  }

  /** How wide a text is, in pixels. */
  width(text, bold) {
    const key = bold ? `b${text}` : text;
    let width = this.widths.get(key);
    if (width === undefined) {
      this.context.font = `${bold ? "600 " : ""}14px ${FONT}`;
      width = this.context.measureText(text).width;
      this.widths.set(key, width);
    }
    return width;
  }

  /**
   * Draw all of them anew.
   * @param {Object} scene
   * @param {import("./camera.js").Camera} scene.camera
   * @param {Float32Array} scene.places x and y of each row
   * @param {{chosen: number, others: number[]}} scene.marks
   * @param {Set<number>} scene.selected rows in the lasso
   * @param {[number, number][]|null} scene.loop the lasso itself, in pixels
   * @param {import("./labels.js").Label[]} scene.labels
   * @param {number} scene.hovered the row under the pointer, or −1
   * @param {string|undefined} scene.word its word
   * @param {number} scene.ratio the canvas's pixels per camera pixel
   * @param {number} scene.diameter of a dot
   */
  draw(scene) {
    const { context } = this;
    const { camera, places, marks, ratio } = scene;
    const colours = palette();
    const placeOf = (row) => camera.toPixels(places[2 * row], places[2 * row + 1]);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, camera.width, camera.height);
    context.lineJoin = "round";
    context.textBaseline = "middle";
    this.#drawSelected(scene, placeOf, colours);
    this.#drawMarks(scene, placeOf, colours);
    const marked = new Set(marks.others);
    for (const { row, text, left, y } of scene.labels) {
      const bold = row === marks.chosen;
      this.#write(text, left, y, bold ? colours.second : marked.has(row) ? colours.accent : colours.ink, colours.paper, bold);
    }
    if (scene.hovered >= 0) this.#drawHovered(scene, placeOf(scene.hovered), colours);
    if (scene.loop) this.#drawLoop(scene.loop, colours);
  }

  #write(text, x, y, ink, paper, bold) {
    const { context } = this;
    context.font = `${bold ? "600 " : ""}14px ${FONT}`;
    context.lineWidth = 3.5;
    context.strokeStyle = paper;
    context.strokeText(text, x, y);
    context.fillStyle = ink;
    context.fillText(text, x, y);
  }

  #ring([x, y], radius, colour, width) {
    const { context } = this;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }

  #drawSelected({ selected, camera }, placeOf, colours) {
    if (selected.size > SHOWN) return;
    this.context.fillStyle = colours.second;
    for (const row of selected) {
      const [x, y] = placeOf(row);
      if (x >= 0 && y >= 0 && x <= camera.width && y <= camera.height) this.context.fillRect(x - 1.5, y - 1.5, 3, 3);
    }
  }

  #drawMarks({ marks: { chosen, others }, diameter }, placeOf, colours) {
    if (chosen < 0) return;
    const { context } = this;
    context.globalAlpha = 0.45;
    context.strokeStyle = colours.accent;
    context.lineWidth = 0.75;
    for (const row of others) {
      context.beginPath();
      context.moveTo(...placeOf(chosen));
      context.lineTo(...placeOf(row));
      context.stroke();
    }
    context.globalAlpha = 1;
    for (const row of others) this.#ring(placeOf(row), diameter / 2 + 2.5, colours.accent, 1.25);
    this.#ring(placeOf(chosen), diameter / 2 + 3.5, colours.second, 2.25);
  }

  #drawHovered({ word, camera, diameter }, [x, y], colours) {
    const { context } = this;
    this.#ring([x, y], diameter / 2 + 2, colours.ink, 1.5);
    if (word === undefined) return;
    const text = label(word, 48);
    const width = this.width(text, true) + 14;
    const left = Math.min(Math.max(4, x + 10), Math.max(4, camera.width - width - 4));
    const top = Math.min(Math.max(4, y - 32), camera.height - 28);
    context.fillStyle = colours.ink;
    context.beginPath();
    context.roundRect(left, top, width, 24, 3);
    context.fill();
    context.fillStyle = colours.paper;
    context.font = `600 14px ${FONT}`;
    context.fillText(text, left + 7, top + 12.5);
  }

  #drawLoop(loop, colours) {
    const { context } = this;
    context.beginPath();
    loop.forEach(([x, y], at) => (at ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.closePath();
    context.fillStyle = colours.second;
    context.globalAlpha = 0.08;
    context.fill();
    context.globalAlpha = 1;
    context.strokeStyle = colours.second;
    context.lineWidth = 1.5;
    context.setLineDash([5, 4]);
    context.stroke();
    context.setLineDash([]);
  }
}
