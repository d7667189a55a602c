// The map of the vocabulary, with what is chosen on it beside it.

import { addressOf, changed } from "./address.js";
import { button, exchange, problem, remark } from "./controls.js";
import { element, replace } from "./element.js";
import { LabelStore } from "./label_store.js";
import { OVERTAKEN, latestOnly } from "./latest.js";
import { paintedClusters, paintedPlain, paintedScale, paintedSome } from "./map_colours.js";
import { mapControls } from "./map_controls.js";
import { MapLegend } from "./map_legend.js";
import { chosenWord, lassoed, listed, wordList } from "./map_panel.js";
import { mapPicture } from "./map_picture.js";
import { MapStage } from "./map_stage.js";
import { counted } from "./numbers.js";
import { RUNNING } from "./server_api.js";
import { palette } from "./theme.js";
import { saveButtons } from "./view_frame.js";

const FIRST = 3000; // labels fetched at once with the map
const NEIGHBOURS = 12;

export const mapView = {
  name: "map",
  title: "Map",
  takesWord: true,
  open: (app, parameters) => new MapView(app, parameters),
};

class MapView {
  constructor(app, parameters) {
    this.app = app;
    this.parameters = parameters;
    this.latest = { layout: latestOnly(), colour: latestOnly(), word: latestOnly() };
    this.labels = new LabelStore(app.api, app.model, () => {
      this.stage.request(false);
      if (!this.listing) this.#describe();
      this.#legend();
    });
    this.stage = new MapStage({
      labels: this.labels,
      choose: (row) => this.#chooseRow(row),
      looped: (rows, done) => this.#looped(rows, done),
      moved: (byKey) => this.#moved(byKey),
      sized: () => this.#placeCamera(),
    });
    this.painted = null;
    this.cameraPlaced = false;
    this.#build();
    this.labels.first(FIRST).catch((error) => replace(this.trouble, problem(error)));
    this.update(parameters);
  }

  #build() {
    this.controls = element("div", { class: "controls" });
    this.legend = new MapLegend((row) => this.labels.of(row), (only) => this.#go({ only }));
    this.trouble = element("div", { class: "trouble" });
    this.result = element("section", { class: "result", "aria-label": "Chosen on the map" });
    this.inView = element("section", { class: "in-view", "aria-label": "Words in view" });
    this.lassoButton = button("Lasso", () => this.#toggleLasso(), { "aria-pressed": "false", title: "Draw a loop around words (or hold Shift and drag)" });
    const tools = element("div", { class: "map-tools", role: "group", "aria-label": "Map" },
      button("+", () => this.#zoom(1.6), { "aria-label": "Nearer" }),
      button("−", () => this.#zoom(1 / 1.6), { "aria-label": "Further" }),
      button("Whole", () => { this.stage.camera.fit(); this.#afterMove(); }, { title: "See the whole map" }),
      this.lassoButton);
    this.stage.root.append(tools, this.trouble);
    this.root = element("article", { class: "view map-view" },
      element("h1", { class: "unseen" }, "Map"),
      this.stage.root,
      element("aside", { class: "panel", "aria-label": "Beside the map" },
        this.controls, this.legend.root, this.result, this.inView,
        element("footer", {}, saveButtons(this.app, {
          name: () => `map-${this.app.modelName}`,
          picture: (colours) => (this.stage.places.length ? mapPicture(this.stage, colours, this.#paint(colours)) : null),
          table: () => this.#table(),
        }),
        element("p", { id: "map-keys", class: "remark keys" }, "Drag to move, scroll or pinch to come nearer, Shift and drag for a lasso. With the map in focus: arrow keys move it, + and − zoom, 0 shows the whole, Enter chooses the word nearest to the middle, Escape lets go."))));
    this.onKey = (event) => this.#escape(event);
    document.addEventListener("keydown", this.onKey);
  }

  close() {
    document.removeEventListener("keydown", this.onKey);
    clearTimeout(this.again);
    this.stage.close();
  }

  /** The address was changed by this view itself. */
  noted(parameters) {
    this.parameters = parameters;
  }

  repaint() {
    if (this.values !== undefined) this.#repaint();
    this.stage.request();
  }

  update(parameters) {
    const before = this.parameters;
    this.parameters = parameters;
    const differs = (...names) => names.some((name) => this.shown?.[name] !== parameters.getAll(name).join("\n"));
    const remember = (...names) => names.forEach((name) => { this.shown = { ...this.shown, [name]: parameters.getAll(name).join("\n") }; });
    if (differs("layout")) {
      remember("layout");
      this.#showLayout();
    } else if (before !== parameters && (parameters.get("z") ?? "") !== this.told) {
      this.cameraPlaced = false;
      this.#placeCamera();
    }
    const colouring = ["colour", "find", "positive", "negative", "only"];
    if (differs(...colouring)) {
      remember(...colouring);
      this.#showColour();
    }
    if (differs("word")) {
      remember("word");
      this.#showWord();
    }
    this.#showControls();
  }

  #go(changes, more = {}) {
    this.app.go("map", changed(this.parameters, changes), more);
  }

  // Layout

  get layout() {
    return this.parameters.get("layout") ?? "pca";
  }

  async #showLayout() {
    clearTimeout(this.again);
    const layout = this.layout;
    try {
      const places = await this.latest.layout(this.app.api.map(this.app.model, layout));
      if (places === OVERTAKEN) return;
      if (places === RUNNING) {
        replace(this.trouble, remark(`The ${layout.toUpperCase()} map is being computed; it appears when it is ready.`));
        this.again = setTimeout(() => this.#showLayout(), 1500);
        if (!this.stage.places.length) await this.#showMeanwhile();
        if (!this.layouts) await this.#askLayouts();
        return;
      }
      replace(this.trouble);
      this.stage.setPlaces(places);
      if (this.values === undefined) this.stage.setColours(paintedPlain(places.length / 2, palette()));
      else this.#repaint();
      this.#placeCamera();
      this.app.usable?.();
      this.#describe();
      if (this.word) this.stage.bring(this.word.row);
    } catch (error) {
      replace(this.trouble, problem(error));
    }
    await this.#askLayouts();
  }

  async #askLayouts() {
    this.layouts = await this.app.api.layouts(this.app.model).then((answer) => answer.layouts, () => []);
    this.#showControls();
  }

  /** The principal plane, until the places that were asked for are there. */
  async #showMeanwhile() {
    const places = await this.app.api.map(this.app.model, "pca");
    if (this.stage.places.length || places === RUNNING) return;
    this.stage.setPlaces(places);
    this.stage.camera.fit();
    this.#repaint();
  }

  #placeCamera() {
    if (this.cameraPlaced || !this.stage.places.length || this.stage.camera.width < 2) return;
    this.cameraPlaced = true;
    const [x, y, z] = ["x", "y", "z"].map((name) => Number(this.parameters.get(name)));
    if (this.parameters.has("z") && [x, y, z].every(Number.isFinite) && z > 0) this.stage.camera.lookAt(x, y, z);
    else this.stage.camera.fit();
    this.told = this.parameters.get("z") ?? "";
    this.stage.request();
    this.#describe();
  }

  #zoom(factor) {
    const { camera } = this.stage;
    camera.zoomAt(factor, camera.width / 2, camera.height / 2);
    this.#afterMove();
  }

  #afterMove() {
    this.stage.request();
    this.#moved(true);
  }

  #moved(byKey) {
    const { camera } = this.stage;
    const short = (number) => Number(number.toPrecision(5)).toString();
    this.told = short(camera.zoom);
    this.#go({ x: short(camera.x), y: short(camera.y), z: this.told }, { quietly: true });
    this.#describe(byKey);
  }

  // Colours

  get by() {
    return this.parameters.get("find") ? "search" : this.parameters.get("colour") ?? "cluster";
  }

  async #showColour() {
    const { api, model } = this.app;
    const axis = { positive: this.parameters.getAll("positive"), negative: this.parameters.getAll("negative") };
    try {
      let values;
      if (this.by === "search") values = await this.latest.colour(api.search(model, this.parameters.get("find")));
      else if (this.by === "axis" && !(axis.positive.length && axis.negative.length)) values = null;
      else values = await this.latest.colour(api.colour(model, this.by, this.by === "axis" ? axis : {}));
      if (values === OVERTAKEN) return;
      this.values = { by: this.by, values };
      this.colourTrouble = null;
      if (this.by === "search") this.app.announce(`${counted(values.total)} words contain ${this.parameters.get("find").slice(0, 60)}.`);
      this.#repaint();
    } catch (error) {
      this.colourTrouble = error;
      this.#legend();
    }
  }

  #paint(colours) {
    const { by, values } = this.values ?? { values: null };
    const count = this.stage.places.length / 2;
    if (!values) return paintedPlain(count, colours);
    if (by === "search") return paintedSome(count, values.rows, colours);
    if (by === "cluster") return paintedClusters(values, colours, this.only);
    return paintedScale(values, colours, by === "axis");
  }

  get only() {
    return this.parameters.has("only") ? Number(this.parameters.get("only")) : null;
  }

  #repaint() {
    if (!this.stage.places.length) return;
    this.painted = this.#paint(palette());
    this.stage.setColours(this.painted);
    this.#legend();
  }

  #legend() {
    if (this.colourTrouble) this.legend.clear(problem(this.colourTrouble));
    else if (this.by === "axis" && this.values?.values === null) this.legend.clear(remark("Give at least one word to each end."));
    else if (!this.values?.values || !this.painted) this.legend.clear();
    else {
      this.legend.show({
        ...this.values, painted: this.painted, only: this.only, counts: this.app.described.counts,
        ends: [this.parameters.getAll("negative"), this.parameters.getAll("positive")],
      });
      this.labels.want(this.legend.rows);
    }
  }

  #showControls() {
    const kept = this.layouts?.find(({ name }) => name === this.layout)?.kept;
    exchange(this.controls, ...mapControls(this.app, this.parameters, { layouts: this.layouts, layout: this.layout, kept }, (changes) => this.#go(changes)));
  }

  // A chosen word

  async #chooseRow(row) {
    const [word] = await this.labels.all([row]);
    if (word !== undefined) this.#go({ word });
  }

  async #showWord() {
    const word = this.parameters.get("word");
    this.word = null;
    if (!word) {
      this.stage.setMarks(-1, []);
      if (!this.listing) replace(this.result);
      return;
    }
    this.#forgetLoop();
    try {
      const answer = await this.latest.word(this.app.api.neighbours(this.app.model, { word, k: NEIGHBOURS }));
      if (answer === OVERTAKEN) return;
      this.word = answer;
      const rows = answer.neighbors.map((one) => one.row);
      this.labels.learn(answer.row, answer.word);
      answer.neighbors.forEach((one) => this.labels.learn(one.row, one.word));
      this.stage.setMarks(answer.row ?? -1, rows);
      if (answer.row !== null && this.stage.places.length) this.stage.bring(answer.row);
      const more = addressOf("neighbors", this.#with({ word: answer.word }));
      exchange(this.result, ...chosenWord(answer, more, (one) => this.#addressOf(one), () => this.#go({ word: null })));
      this.app.announce(`${answer.word.slice(0, 60)}: nearest are ${answer.neighbors.slice(0, 5).map((one) => one.word.slice(0, 40)).join(", ")}.`);
    } catch (error) {
      this.stage.setMarks(-1, []);
      replace(this.result, problem(error));
    }
  }

  #addressOf(word) {
    return addressOf("map", changed(this.parameters, { word }));
  }

  #with(parameters) {
    return this.app.model ? { model: this.app.model, ...parameters } : parameters;
  }

  // The lasso

  #toggleLasso() {
    this.stage.drawing = !this.stage.drawing;
    this.lassoButton.setAttribute("aria-pressed", String(this.stage.drawing));
    this.stage.signs.classList.toggle("drawing", this.stage.drawing);
    if (this.stage.drawing) this.app.announce("Draw a loop around words.");
  }

  #forgetLoop() {
    this.listing = null;
    this.stage.select([]);
  }

  async #looped(rows, done) {
    this.listing = rows;
    if (!done) {
      replace(this.result, remark(`${counted(rows.length)} words`));
      return;
    }
    if (this.stage.drawing) this.#toggleLasso();
    if (this.parameters.get("word")) this.#go({ word: null });
    this.listing = rows;
    this.stage.selected = new Set(rows);
    const shown = await this.labels.all(listed(rows));
    if (this.listing !== rows) return;
    this.app.announce(`${counted(rows.length)} words in the lasso.`);
    replace(this.result, ...lassoed(rows.length, shown, (word) => this.#addressOf(word), () => this.#letGoOfLoop()));
  }

  #letGoOfLoop() {
    this.#forgetLoop();
    replace(this.result);
  }

  async #table() {
    const rows = this.listing ?? this.stage.grid.inside(this.stage.camera.seen);
    if (!rows.length) return null;
    const some = rows.slice(0, 100000);
    const words = await this.labels.all(some);
    return { columns: ["word", "row", "x", "y"], rows: some.map((row, at) => [words[at], row, this.stage.places[2 * row], this.stage.places[2 * row + 1]]) };
  }

  #escape(event) {
    if (event.key !== "Escape" || event.defaultPrevented || event.target.closest?.(".word-field, dialog")) return;
    if (this.stage.drawing) this.#toggleLasso();
    else if (this.listing) this.#letGoOfLoop();
    else if (this.parameters.get("word")) this.#go({ word: null });
  }

  // The picture told in words

  async #describe(aloud = false) {
    if (!this.stage.places.length || this.stage.camera.width < 2) return;
    const seen = this.stage.camera.seen;
    const count = this.stage.grid.countAbout(seen);
    const rows = this.stage.grid.firstInside(seen, 60);
    this.labels.want(rows);
    const words = rows.map((row) => this.labels.of(row)).filter((word) => word !== undefined);
    const told = `About ${counted(count)} words in view${words.length ? `; the most frequent: ${words.slice(0, 5).map((word) => word.slice(0, 40)).join(", ")}` : ""}.`;
    this.stage.signs.setAttribute("aria-label", `Map of words. ${told}`);
    if (aloud) this.app.announce(told);
    const open = this.inView.querySelector("details")?.open ?? false;
    exchange(this.inView, element("details", { open }, element("summary", {}, `Words in view (${rows.length < 60 ? counted(rows.length) : `about ${counted(count)}`})`), wordList(words, (word) => this.#addressOf(word))));
  }
}
