// Chosen words' vectors as colours: as they are, and on the principal components, where the colours wash out to the right.

import { changed } from "./address.js";
import { exchange, leftOut, problem, remark } from "./controls.js";
import { element, replace } from "./element.js";
import { heatPicture } from "./heat_picture.js";
import { OVERTAKEN, latestOnly } from "./latest.js";
import { percent } from "./numbers.js";
import { palette } from "./theme.js";
import { viewFrame } from "./view_frame.js";
import { wordListField } from "./word_list_field.js";

const COMPONENTS = 50;

export const heatmapView = {
  name: "heatmap",
  title: "Heat map",
  open(app, parameters) {
    const latest = latestOnly();
    const controls = element("div", { class: "controls" });
    const result = element("section", { "aria-label": "Heat map" });
    let shown = null;
    const picture = (colours) => shown && heatPicture(colours, {
      title: "Vectors as colours", words: shown.words, width: Math.round(Math.min(1100, Math.max(320, result.clientWidth || 960))),
      parts: [
        { heading: `as they are: ${shown.raw[0].length} dimensions`, numbers: shown.raw },
        { heading: `principal components 1 to ${shown.kept.length}; below, the share of the variance kept so far`, numbers: shown.principal, kept: shown.kept },
      ],
    });
    const show = () => {
      const sum = shown.kept.reduce((total, share) => total + share, 0);
      replace(result, leftOut(shown.unknown), element("figure", { class: "figure" }, picture(palette())),
        remark(`The first ${shown.kept.length} of ${shown.raw[0].length} principal components keep ${percent(sum)} of the variance of all words; the first two keep ${percent((shown.kept[0] ?? 0) + (shown.kept[1] ?? 0))}. CSV saves the numbers.`));
    };
    const root = viewFrame(app, "Heat map", "Each row a word, each column a dimension. On the principal components the colours wash out to the right: the first ones hold most.", {
      name: () => "heat-map",
      picture,
      table: () => shown && { columns: ["word", ...shown.raw[0].map((_, at) => `dimension ${at + 1}`), ...shown.kept.map((_, at) => `component ${at + 1}`)], rows: shown.words.map((word, at) => [word, ...shown.raw[at], ...shown.principal[at]]) },
    }, controls, result);

    const update = async (place) => {
      const words = place.getAll("word");
      exchange(controls, wordListField(app, { label: "Words", words, change: (word) => app.go("heatmap", changed(place, { word })) }));
      try {
        const chosen = words.length ? words : await someWords(app);
        const answer = await latest(app.api.heatmap(app.model, { word: chosen, components: Math.min(COMPONENTS, app.described.dim) }));
        if (answer === OVERTAKEN) return;
        shown = answer;
        show();
      } catch (error) {
        shown = null;
        replace(result, problem(error));
      }
    };
    update(parameters);
    return { root, update, repaint: () => shown && show(), addWord: (word, place) => app.go("heatmap", changed(place, { word: [...new Set([...place.getAll("word"), word])] })) };
  },
};

/** Where none were chosen: some of the model's own, not the very most frequent, which are all alike. */
async function someWords(app) {
  const { labels } = await app.api.firstLabels(app.model, 150);
  return labels.slice(Math.min(100, Math.floor(labels.length / 2))).slice(0, 16);
}
