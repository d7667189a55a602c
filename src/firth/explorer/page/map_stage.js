// The map itself: dots on one canvas, labels, rings and the lasso on another above it. It knows points, not the model;
// what is chosen or looped is told to the view that owns it.

import { Camera } from "./camera.js";
import { element, label } from "./element.js";
import { listen } from "./gestures.js";
import { placeLabels } from "./labels.js";
import { rowsInside } from "./lasso.js";
import { MapCanvas } from "./map_canvas.js";
import { MapSigns } from "./map_signs.js";
import { packed } from "./palette.js";
import { PointGrid } from "./point_grid.js";
import { palette } from "./theme.js";

const LINE = 17;
const GAP = 7;
const REACH = 14; // pixels from the pointer within which a point is meant
const BUDGET = 11; // milliseconds that the dots of one frame may take while the map moves
const CANDIDATES = 700;

export class MapStage {
  /**
   * @param {Object} owner
   * @param {import("./label_store.js").LabelStore} owner.labels
   * @param {(row: number) => void} owner.choose
   * @param {(rows: number[], done: boolean) => void} owner.looped
   * @param {(byKey: boolean) => void} owner.moved the camera rests
   */
  constructor(owner) {
    this.owner = owner;
    this.camera = new Camera();
    this.dots = element("canvas", { class: "dots", "aria-hidden": "true" });
    this.signs = element("canvas", { class: "signs", tabindex: 0, role: "application", "aria-roledescription": "map", "aria-label": "Map of words", "aria-describedby": "map-keys" });
    this.root = element("div", { class: "stage" }, this.dots, this.signs);
    this.canvas = new MapCanvas(this.dots);
    this.writing = new MapSigns(this.signs);
    this.places = new Float32Array(0);
    this.grid = new PointGrid(this.places);
    this.scene = { colours: new Uint8Array(0), palette: new Uint32Array(256), above: null };
    this.marks = { chosen: -1, others: [] };
    this.selected = new Set();
    this.hovered = -1;
    this.loop = null;
    this.drawing = false;
    this.labels = [];
    this.perRow = 2e-5;
    this.frame = 0;
    this.resting = 0;
    this.stop = new AbortController();
    listen(this.signs, this.camera, this.#gestures(), this.stop.signal);
    this.observer = new ResizeObserver(() => this.#resize());
    this.observer.observe(this.root);
  }

  #gestures() {
    return {
      moved: (byKey = false) => this.#move(byKey),
      hover: (x, y) => this.#hover(this.at(x, y, REACH)),
      left: () => this.#hover(-1),
      choose: (x, y, reach = REACH) => {
        const row = this.at(x, y, reach === Infinity ? Math.max(this.camera.width, this.camera.height) / 4 : reach);
        if (row >= 0) this.owner.choose(row);
      },
      drawing: () => this.drawing,
      loop: (pixels, done) => {
        this.loop = pixels;
        const rows = rowsInside(this.grid, pixels.map(([x, y]) => this.camera.toPlane(x, y)));
        this.selected = new Set(rows);
        this.owner.looped(rows, done);
        this.request();
      },
    };
  }

  /** Stop listening and drawing. */
  close() {
    this.stop.abort();
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.resting);
  }

  /** The row at a pixel, or −1. */
  at(x, y, reach) {
    return this.grid.nearest(...this.camera.toPlane(x, y), reach / this.camera.scale);
  }

  #hover(row) {
    if (row === this.hovered) return;
    this.hovered = row;
    if (row >= 0) this.owner.labels.want([row]);
    this.signs.classList.toggle("pointing", row >= 0);
    this.request(false);
  }

  #resize() {
    const box = this.root.getBoundingClientRect();
    if (!box.width || !box.height) return;
    const zoom = this.camera.zoom;
    this.ratio = Math.min(2, devicePixelRatio || 1);
    this.camera.resize(box.width, box.height);
    this.canvas.resize(box.width * this.ratio, box.height * this.ratio);
    this.canvas.clear(packed(palette().paper));
    this.signs.width = this.canvas.width;
    this.signs.height = this.canvas.height;
    this.camera.lookAt(this.camera.x, this.camera.y, zoom);
    this.request();
    this.owner.sized?.();
  }

  /** Show these points. @param {Float32Array} places */
  setPlaces(places) {
    this.places = places;
    this.grid = new PointGrid(places);
    this.camera.whole = this.grid.box;
    this.scene.colours = this.scene.colours.length * 2 === places.length ? this.scene.colours : new Uint8Array(places.length / 2);
    this.request();
  }

  /** Colour them. @param {{colours: Uint8Array, palette: Uint32Array, above: Uint8Array|null}} scene */
  setColours(scene) {
    this.scene = scene;
    this.request();
  }

  /** Ring a row, and others that belong to it. */
  setMarks(chosen, others) {
    this.marks = { chosen, others };
    this.owner.labels.want([chosen, ...others].filter((row) => row >= 0));
    this.request(false);
  }

  /** Show or forget what a lasso holds. */
  select(rows) {
    this.selected = new Set(rows);
    this.loop = null;
    this.request(false);
  }

  /** Bring a row into the picture if it is not there. */
  bring(row) {
    const [x, y] = [this.places[2 * row], this.places[2 * row + 1]];
    if (!Number.isFinite(x)) return;
    const { left, right, bottom, top } = this.camera.seen;
    const aside = 0.1 * (right - left);
    if (x < left + aside || x > right - aside || y < bottom + aside / 2 || y > top - aside / 2) {
      this.camera.lookAt(x, y, this.camera.zoom);
      this.#move(false);
    }
  }

  #move(byKey) {
    this.moving = true;
    this.loop = null;
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      this.moving = false;
      this.request();
      this.owner.moved(byKey);
    }, 120);
    this.request();
  }

  /** Draw at the next frame; `dots` false where only what stands above them has changed. */
  request(dots = true) {
    this.dirty = this.dirty || dots;
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  draw() {
    if (!this.ratio || !this.places.length) return;
    if (this.dirty) this.#drawDots();
    this.dirty = false;
    this.#drawSigns();
  }

  #drawDots() {
    const rows = this.places.length / 2;
    const first = this.moving ? Math.min(rows, Math.max(50000, Math.floor(BUDGET / this.perRow))) : rows;
    this.inView = this.grid.countAbout(this.camera.seen);
    const started = performance.now();
    this.diameter = this.canvas.draw({
      ...this.scene, places: this.places, camera: this.camera, ratio: this.ratio, paper: packed(palette().paper), inView: this.inView, first,
    });
    if (rows > 10000) this.perRow = 0.7 * this.perRow + 0.3 * ((performance.now() - started) / first);
  }

  /** The labels for what is in view, the marked words first. */
  #placed() {
    const { chosen, others } = this.marks;
    const first = [chosen, ...others].filter((row) => row >= 0);
    const marked = new Set(first);
    const candidates = this.scene.above ? this.#highlighted() : this.grid.firstInside(this.camera.seen, CANDIDATES);
    const rows = [...first, ...candidates.filter((row) => !marked.has(row))];
    const found = rows.map((row) => {
      const [x, y] = this.camera.toPixels(this.places[2 * row], this.places[2 * row + 1]);
      return { row, text: label(this.owner.labels.of(row) ?? ""), x, y };
    });
    this.owner.labels.want(rows.slice(0, 300));
    // A word may have no place in this layout, or no label yet.
    const known = found.filter(({ row, x }) => Number.isFinite(x) && this.owner.labels.of(row) !== undefined);
    const most = Math.max(12, Math.round((this.camera.width * this.camera.height) / 9000));
    const room = { width: this.camera.width, height: this.camera.height, line: LINE, gap: GAP, most };
    return placeLabels(known, room, (text) => this.writing.width(text, false));
  }

  #highlighted() {
    const { left, right, bottom, top } = this.camera.seen;
    const found = [];
    for (let row = 0; row < this.scene.above.length && found.length < CANDIDATES; row++) {
      const [x, y] = [this.places[2 * row], this.places[2 * row + 1]];
      if (this.scene.above[row] && x >= left && x <= right && y >= bottom && y <= top) found.push(row);
    }
    return found;
  }

  #drawSigns() {
    this.labels = this.#placed();
    const { camera, places, marks, selected, loop, labels, hovered, ratio, diameter } = this;
    this.writing.draw({ camera, places, marks, selected, loop, labels, ratio, diameter, hovered, word: this.owner.labels.of(hovered) });
  }
}
