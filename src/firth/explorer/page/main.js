// The page: which view is open, what it is told, and what stands around it.

import { addressOf, changed, placeOf } from "./address.js";
import { arithmeticView } from "./arithmetic_view.js";
import { axesView } from "./axes_view.js";
import { compareView } from "./compare_view.js";
import { button, choice, exchange, problem, remark } from "./controls.js";
import { element, replace } from "./element.js";
import { heatmapView } from "./heatmap_view.js";
import { mapView } from "./map_view.js";
import { neighboursView } from "./neighbours_view.js";
import { counted } from "./numbers.js";
import { pairsView } from "./pairs_view.js";
import { serverApi } from "./server_api.js";
import { staticApi } from "./static_api.js";
import { onTheme, palette, switchTheme } from "./theme.js";
import { trainingView } from "./training_view.js";
import { wordField } from "./word_field.js";

const VIEWS = [mapView, neighboursView, arithmeticView, axesView, compareView, heatmapView, trainingView, pairsView];
const at = (id) => document.getElementById(id);

/** What every view is given. */
const app = {
  api: null,
  models: [],
  metrics: [],
  methods: [],
  live: false,
  model: 0,
  place: placeOf(),
  opened: null,
  /** What the page knows of the model that is shown. */
  get described() {
    return this.models[this.model] ?? { name: "", words: 0, dim: 1, counts: false };
  },
  get modelName() {
    return this.described.name;
  },
  /** Go to a place; `quietly` without a step that "back" would lead to. */
  go(view, parameters, { quietly = false } = {}) {
    const address = addressOf(view, parameters);
    if (address === location.hash) return;
    if (quietly) {
      history.replaceState(null, "", address);
      this.place = placeOf();
      this.opened?.noted?.(this.place.parameters);
      showViews();
    } else location.hash = address;
  },
  /** Say something to readers who do not see the page. */
  announce(text) {
    at("announcement").textContent = text;
  },
  /** The training is over: there is a model now. */
  async trained() {
    await askModels();
    app.announce("The training is over.");
    route(true);
  },
  /** The first picture stands; measured by bench/page.py. */
  usable() {
    document.documentElement.dataset.usable ??= String(Math.round(performance.now()));
  },
};

async function askModels() {
  const answer = await app.api.models();
  Object.assign(app, { models: answer.models, metrics: answer.metrics, methods: answer.methods, live: answer.live });
}

const possible = (view) => !(view.needsServer && app.api.isStatic);
const last = new Map();

function showViews() {
  const { view: current, parameters } = app.place;
  last.set(current, parameters);
  const model = app.model || null;
  exchange(at("views"), element("ul", {}, VIEWS.filter(possible).map((view) => {
    const word = view.takesWord ? parameters.get("word") : null;
    const kept = last.get(view.name);
    const address = addressOf(view.name, kept ? changed(kept, { model, ...(word && current !== view.name && parameters.getAll("word").length === 1 ? { word } : {}) }) : { model, word: parameters.getAll("word").length === 1 ? word : null });
    return element("li", {}, element("a", { href: address, "aria-current": view.name === current ? "page" : null }, view.title));
  })));
  // Where the names need more room than there is, the current one is brought into sight.
  const [row, own] = [at("views"), at("views").querySelector("[aria-current]")];
  if (own) row.scrollLeft = Math.max(0, own.offsetLeft + own.offsetWidth / 2 - row.clientWidth / 2);
}

function showMasthead() {
  const { words, dim } = app.described;
  const size = app.models.length ? `${counted(words)} words, ${dim} dimensions` : "";
  const carried = app.api.leftOut ? ` (of ${counted(words + app.api.leftOut)})` : "";
  exchange(at("model"),
    app.models.length > 1
      ? choice("Model", app.models.map(({ name }, number) => [String(number), name.slice(0, 60)]), String(app.model), (model) => app.go(app.place.view, changed(app.place.parameters, { model: Number(model) || null })))
      : element("bdi", { class: "model-name" }, app.modelName.slice(0, 80)),
    element("span", { class: "size" }, size + carried));
  const save = app.models.length ? app.api.saveAddress(app.model, app.place.parameters.get("layout") ?? "pca") : null;
  exchange(at("tools"),
    typeof save === "string" ? element("a", { class: "button", href: save, download: "", title: "One HTML file that opens without a server, with exact search inside" }, "Save page") : null,
    button(palette().dark ? "Light" : "Dark", () => switchTheme(), { "aria-label": palette().dark ? "Switch to light colours" : "Switch to dark colours" }));
}

let openedAs = "";

/** Open the view that the address names, or tell the open one what changed. */
function route(anew = false) {
  app.place = placeOf();
  const { view: name, parameters } = app.place;
  const view = VIEWS.find((one) => one.name === name && possible(one)) ?? mapView;
  app.model = Math.min(Math.max(0, app.models.length - 1), Math.max(0, Math.trunc(Number(parameters.get("model"))) || 0));
  const as = `${view.name} ${app.model}`;
  if (as === openedAs && !anew) app.opened?.update?.(parameters);
  else {
    app.opened?.close?.();
    openedAs = as;
    const needsModel = !app.models.length && !view.worksWithoutModel && view !== pairsView;
    app.opened = needsModel ? { root: element("article", { class: "view" }, element("h1", {}, view.title), remark("The training is not over yet. ", element("a", { href: "#/training" }, "Watch it"), ".")) } : view.open(app, parameters);
    replace(at("view"), app.opened.root);
    at("view").scrollTop = 0;
    document.body.dataset.view = view.name;
    app.announce(view.title);
    showMasthead();
  }
  document.title = [view.title, parameters.get("word")?.slice(0, 60), app.modelName, "Firth"].filter(Boolean).join(" · ");
  showViews();
}

function searchField() {
  const field = wordField(app, {
    label: "Search a word", quiet: true, clears: true, placeholder: "Search a word  /",
    choose: (word) => {
      const view = VIEWS.find((one) => one.name === app.place.view) ?? mapView;
      if (app.opened?.addWord) app.opened.addWord(word, app.place.parameters);
      else if (view.takesWord) app.go(view.name, changed(app.place.parameters, { word }));
      else app.go("neighbors", { word, model: app.model || null });
    },
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, select, textarea")) return;
    event.preventDefault();
    field.field.focus();
  });
  return field;
}

async function start() {
  const carried = at("firth-data");
  try {
    app.api = carried ? staticApi(JSON.parse(carried.textContent)) : serverApi();
    await askModels();
  } catch (error) {
    replace(at("view"), problem(error));
    return;
  }
  if (!location.hash && app.live && !app.models.length) history.replaceState(null, "", addressOf("training"));
  replace(at("search"), searchField());
  addEventListener("hashchange", () => route());
  onTheme(() => {
    showMasthead();
    app.opened?.repaint?.();
  });
  route();
}

start();
