// A word's neighbours: by any metric, with and without the mean of all vectors, and by another metric beside it.

import { addressOf, changed } from "./address.js";
import { choice, exchange, noted, problem, remark, tick } from "./controls.js";
import { element, replace, wordText } from "./element.js";
import { OVERTAKEN, latestOnly } from "./latest.js";
import { listsPicture } from "./lists_picture.js";
import { counted } from "./numbers.js";
import { viewFrame } from "./view_frame.js";
import { wordField } from "./word_field.js";
import { scaleOf, tableOf, wordTable } from "./word_table.js";

export const neighboursView = {
  name: "neighbors",
  title: "Neighbours",
  takesWord: true,
  open(app, parameters) {
    const latest = latestOnly();
    const controls = element("div", { class: "controls row" });
    const result = element("section", { "aria-label": "Neighbours" });
    let shown = null;
    const root = viewFrame(app, "Neighbours", "The words whose vectors are nearest to a word’s.", {
      name: () => `neighbours-${shown?.word ?? ""}`,
      picture: (palette) => shown && listsPicture(palette, shown.lists.map((list) => ({ heading: list.heading, answers: list.neighbors, scale: list.scale })), shown.word),
      table: () => shown && joined(shown.lists),
    }, controls, result);

    const update = async (place) => {
      const settings = settingsOf(place);
      const go = (changes) => app.go("neighbors", changed(place, changes));
      showControls(app, controls, settings, go);
      if (!settings.word) {
        shown = null;
        replace(result, remark("Type a word above, or press / to search."));
        const some = await latest(examples(app, place));
        if (some !== OVERTAKEN) result.append(some);
        return;
      }
      try {
        const asked = [settings.metric, settings.beside].filter(Boolean);
        const answers = await latest(Promise.all(asked.map((metric) => app.api.neighbours(app.model, { word: settings.word, k: settings.k, metric, centred: settings.centred ? 1 : 0 }))));
        if (answers === OVERTAKEN) return;
        const lists = answers.map((answer) => ({ ...answer, similarity: answer.closer === "greater", heading: `${answer.metric}${answer.centred ? ", mean taken off" : ""}`, scale: scaleOf(answer.neighbors, answer.closer === "greater") }));
        shown = { word: settings.word, lists };
        showResult(result, shown, app.described.runs, (word) => addressOf("neighbors", changed(place, { word })));
        app.announce(`${settings.word.slice(0, 60)}: ${lists[0].neighbors.slice(0, 5).map(({ word }) => word.slice(0, 40)).join(", ")}.`);
      } catch (error) {
        shown = null;
        replace(result, problem(error));
      }
    };
    update(parameters);
    return { root, update };
  },
};

function settingsOf(place) {
  return {
    word: place.get("word"),
    metric: place.get("metric") ?? "cosine",
    beside: place.get("beside"),
    centred: place.get("centred") === "1",
    k: Math.min(200, Math.max(1, Number(place.get("k")) || 20)),
  };
}

function showControls(app, controls, { word, metric, beside, centred, k }, go) {
  const known = [...new Set([...app.metrics, metric, ...(beside ? [beside] : [])])].map((one) => [one, one]);
  exchange(controls,
    wordField(app, { label: "Word", value: word ?? "", choose: (one) => go({ word: one }) }),
    choice("Metric", known, metric, (one) => go({ metric: one })),
    choice("Beside it", [["", "nothing"], ...known.filter(([one]) => one !== metric)], beside ?? "", (one) => go({ beside: one })),
    choice("How many", [10, 20, 50, 100, ...([10, 20, 50, 100].includes(k) ? [] : [k])].map((one) => [String(one), String(one)]), String(k), (one) => go({ k: one })),
    tick("Take the mean off", centred, (one) => go({ centred: one ? 1 : null })));
}

function showResult(result, { word, lists }, trainings, address) {
  const shared = lists.length > 1 ? new Set(lists[0].neighbors.map((one) => one.word).filter((one) => lists[1].neighbors.some((other) => other.word === one))) : null;
  const count = lists[0].count;
  const runs = lists[0].neighbors.some(({ share }) => share !== null && share !== undefined);
  exchange(result,
    element("h2", { class: "queried" }, wordText(word)),
    remark([count === null || count === undefined ? "" : `${counted(count)} times in the text. `, shared ? `${shared.size} of ${lists[0].neighbors.length} words stand in both lists, marked ∘. ` : "", runs ? `“In runs” is the share of ${counted(trainings)} trainings on the text drawn again that list the word.` : ""].join(""),
      // Where there is no room for the column, it is not spoken of.
      lists.some(({ neighbors }) => neighbors.some(({ low }) => Number.isFinite(low))) ? element("span", { class: "interval-cell" }, " 95 % of their values lie between the two numbers.") : null),
    [...new Set(lists.flatMap(({ notes }) => notes ?? []))].flatMap((note) => noted([note])),
    element("div", { class: "side-by-side" }, lists.map((list) => wordTable({
      caption: list.heading, answers: list.neighbors, measure: list.metric, similarity: list.similarity, scale: list.scale, address,
      mark: (answer) => (shared?.has(answer.word) ? "shared" : ""),
    }))));
}

function joined(lists) {
  const tables = lists.map((list) => tableOf(list.neighbors, "value"));
  return { columns: ["metric", ...tables[0].columns], rows: lists.flatMap((list, at) => tables[at].rows.map((row) => [list.metric, ...row])) };
}

/** Some of the model's own words to begin with. */
async function examples(app, place) {
  const { labels } = await app.api.firstLabels(app.model, 200).catch(() => ({ labels: [] }));
  const some = labels.filter((word) => word.length > 3 && word.length < 20).slice(-12);
  return element("ul", { class: "word-list" }, some.map((word) => element("li", {}, element("a", { href: addressOf("neighbors", changed(place, { word })) }, wordText(word)))));
}
