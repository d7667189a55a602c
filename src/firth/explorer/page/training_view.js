// How the vectors came about: a training under way, the loss as it fell, and the record of what was done.

import { problem, remark } from "./controls.js";
import { element, replace } from "./element.js";
import { lineChart } from "./line_chart.js";
import { LiveTraining } from "./live_training.js";
import { counted, decimal } from "./numbers.js";
import { palette } from "./theme.js";
import { viewFrame } from "./view_frame.js";

export const trainingView = {
  name: "training",
  title: "Training",
  worksWithoutModel: true,
  open(app, parameters) {
    const live = app.live ? new LiveTraining(app, parameters) : null;
    const result = element("section", { "aria-label": "Loss and record" });
    let told = null;
    const chart = (colours, width = 760) => told?.curve.length > 1 ? lineChart(colours, {
      series: [["training", "training"], ["held out", "held_out"]].map(([name, key]) => ({ name, points: told.curve.filter((point) => Number.isFinite(point[key])).map((point) => [point.epoch, point[key]]) })),
      across: "passes over the text", up: "loss per decision, in nats", title: "The loss as it fell", width, height: Math.round(Math.max(240, width * 0.5)),
    }) : null;
    const show = () => {
      const drawn = chart(palette(), Math.round(Math.min(760, Math.max(320, result.clientWidth || 760))));
      replace(result,
        drawn ? [element("h2", {}, "The loss as it fell"), element("figure", { class: "figure" }, drawn), curveTable(told.curve)] : remark("The record holds no loss curve."),
        element("h2", {}, "The record"), Object.keys(told.record).length ? recordList(told.record) : remark("These vectors came without a record of their training."));
    };
    const update = async (place) => {
      live?.update(place);
      if (!app.models.length) return;
      try {
        told = await app.api.record(app.model);
        show();
      } catch (error) {
        replace(result, problem(error));
      }
    };
    const root = viewFrame(app, "Training", "How these vectors came about.", {
      name: () => `training-${app.modelName}`,
      picture: (colours) => (live?.frames.length ? live.glide.picture(colours) : chart(colours)),
      table: () => (live?.frames.length ? { columns: ["words", "training", "held out"], rows: live.frames.map((frame) => [frame.words_done, frame.training, frame.held_out]) } : told?.curve.length ? { columns: ["epoch", "training", "held out"], rows: told.curve.map((point) => [point.epoch, point.training, point.held_out]) } : null),
    }, live?.root, result);
    update(parameters);
    return { root, update, close: () => live?.close(), repaint: () => { live?.repaint(); if (told) show(); } };
  },
};

function curveTable(curve) {
  return element("details", {}, element("summary", {}, "As a table"), element("table", { class: "words" }, element("caption", { class: "unseen" }, "Loss after each pass"),
    element("thead", {}, element("tr", {}, ["passes", "training", "held out"].map((one) => element("th", { scope: "col", class: "number" }, one)))),
    element("tbody", {}, curve.map((point) => element("tr", {}, [Number(point.epoch.toPrecision(4)), decimal(point.training), decimal(point.held_out)].map((one) => element("td", { class: "number" }, one)))))));
}

/** The record as nested lists of names and values; nothing of it is left out. */
function recordList(record, depth = 0) {
  return element("dl", { class: depth ? "record inner" : "record" }, Object.entries(record).map(([name, value]) => element("div", {}, element("dt", {}, name.replaceAll("_", " ")), element("dd", {}, shownValue(value, depth)))));
}

function shownValue(value, depth) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return Number.isInteger(value) && Math.abs(value) >= 10000 ? counted(value) : String(Number(value.toPrecision(6)));
  if (typeof value === "string") return element("bdi", { class: "word", dir: "auto" }, value.slice(0, 2000));
  if (Array.isArray(value) && !value.length) return "–";
  const isPlain = Array.isArray(value) && value.every((one) => one === null || typeof one !== "object");
  if (isPlain) return element("bdi", { class: "word" }, value.slice(0, 60).map((one) => (typeof one === "number" ? String(Number(one.toPrecision(6))) : String(one))).join(", ") + (value.length > 60 ? ` … (${counted(value.length)})` : ""));
  const inner = Array.isArray(value) ? Object.fromEntries(value.slice(0, 60).map((one, at) => [String(at + 1), one])) : value;
  if (!Object.keys(inner).length) return "–";
  return depth > 0 || Array.isArray(value) || Object.keys(inner).length > 12 ? element("details", {}, element("summary", {}, Object.keys(inner).length === 1 ? "1 entry" : `${Object.keys(inner).length} entries`), recordList(inner, depth + 1)) : recordList(inner, depth + 1);
}
