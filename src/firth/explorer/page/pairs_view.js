// What training learns from a sentence: every word with each word of its company.

import { changed } from "./address.js";
import { arcsPicture } from "./arcs_picture.js";
import { choice, exchange, problem, remark, textField } from "./controls.js";
import { element, replace, wordText } from "./element.js";
import { OVERTAKEN, latestOnly } from "./latest.js";
import { counted } from "./numbers.js";
import { palette } from "./theme.js";
import { viewFrame } from "./view_frame.js";

const EXAMPLE = "You shall know a word by the company it keeps";
const DRAWN = 80; // words of the picture
const LISTED = 300; // rows of the table

export const pairsView = {
  name: "pairs",
  title: "Pairs",
  open(app, parameters) {
    const latest = latestOnly();
    const controls = element("div", { class: "controls row" });
    const figure = element("figure", { class: "figure arcs" });
    const result = element("section", { "aria-label": "Pairs" }, figure);
    const told = element("div", {});
    result.append(told);
    let shown = null, centre = -1;
    const few = () => ({ tokens: shown.tokens.slice(0, DRAWN), pairs: shown.pairs.filter((pair) => pair.centre < DRAWN && pair.context < DRAWN) });
    const picture = (colours) => shown?.tokens.length ? arcsPicture(colours, few().tokens, few().pairs, centre, figure.clientWidth || 900) : null;
    const draw = () => replace(figure, shown ? picture(palette()) : null);
    const look = (next) => {
      if (next === centre) return;
      centre = next;
      draw();
    };
    figure.addEventListener("pointermove", (event) => look(Number(event.target.dataset?.token ?? -1)));
    figure.addEventListener("pointerleave", () => look(-1));
    const root = viewFrame(app, "Pairs", "What skip-gram learns from a sentence: each word guesses the words around it.", {
      name: () => "pairs",
      picture,
      table: () => shown && { columns: ["centre", "context"], rows: shown.pairs.map((pair) => [shown.tokens[pair.centre], shown.tokens[pair.context]]) },
    }, controls, result);

    const update = async (place) => {
      const text = place.get("text") ?? EXAMPLE;
      const window = Math.min(20, Math.max(1, Number(place.get("window")) || 2));
      const go = (changes) => app.go("pairs", changed(place, changes));
      exchange(controls, textField("Sentence", text, (one) => go({ text: one }), { maxlength: 5000 }),
        choice("Window", Array.from({ length: Math.max(10, window) }, (_, at) => [String(at + 1), String(at + 1)]), String(window), (one) => go({ window: one })));
      try {
        const answer = await latest(app.api.pairs(text, window));
        if (answer === OVERTAKEN) return;
        [shown, centre] = [answer, -1];
        draw();
        replace(told, remark(`${counted(shown.tokens.length)} words, ${counted(shown.pairs.length)} pairs${shown.tokens.length > DRAWN ? `; the picture shows the first ${DRAWN} words` : ""}.`), table(shown, look));
      } catch (error) {
        shown = null;
        draw();
        replace(told, problem(error));
      }
    };
    update(parameters);
    return { root, update, repaint: draw };
  },
};

function table({ tokens, pairs }, look) {
  const company = tokens.map(() => []);
  for (const { centre, context } of pairs) company[centre].push(context);
  return element("table", { class: "words pairs-table" }, element("caption", {}, "Each centre and its company"),
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "centre"), element("th", { scope: "col" }, "contexts"))),
    element("tbody", {}, tokens.slice(0, LISTED).map((token, at) => element("tr", { on: { pointerenter: () => look(at), pointerleave: () => look(-1) } },
      element("th", { scope: "row" }, wordText(token)),
      element("td", {}, company[at].map((other) => [wordText(tokens[other]), " "]))))));
}
