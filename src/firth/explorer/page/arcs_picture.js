// A sentence and the pairs that it yields: an arc from every centre to each word of its company.

import { label, svg } from "./element.js";
import { FONT, textWidth } from "./typeface.js";

const SIZE = 18;

/**
 * @param {import("./palette.js").Palette} palette
 * @param {string[]} tokens
 * @param {{centre: number, context: number}[]} pairs
 * @param {number} centre the word whose arcs are told apart, or −1
 * @param {number} room pixels that the sentence may spread over
 * @returns {SVGElement}
 */
export function arcsPicture(palette, tokens, pairs, centre, room) {
  const wides = tokens.map((token) => textWidth(label(token), SIZE));
  const gap = Math.min(44, Math.max(14, (room - wides.reduce((sum, wide) => sum + wide, 0)) / (tokens.length + 1)));
  const middles = [];
  let end = 8;
  for (const wide of wides) {
    middles.push(end + wide / 2);
    end += wide + gap;
  }
  end -= gap;
  const apart = ({ centre: one, context: other }) => Math.abs(middles[one] - middles[other]);
  const tallest = Math.min(230, Math.max(30, ...pairs.map((pair) => apart(pair) / 2.4)));
  const [width, base] = [Math.ceil(end + 8), Math.ceil(tallest + 24)];
  const height = base + 40;
  const arc = (pair, own) => {
    const [from, to] = [middles[pair.centre], middles[pair.context]];
    const high = Math.min(230, apart(pair) / 2.4);
    return svg("path", {
      d: `M${from.toFixed(1)},${base}C${from.toFixed(1)},${(base - high * 1.3).toFixed(1)} ${to.toFixed(1)},${(base - high * 1.3).toFixed(1)} ${to.toFixed(1)},${base}`,
      fill: "none", stroke: own ? palette.second : palette.accent, "stroke-width": own ? 2 : 1, opacity: own ? 1 : centre < 0 ? 0.45 : 0.16,
    });
  };
  // A pair's two directions share one arc, unless one of them is the centre that is looked at.
  const others = pairs.filter((pair) => pair.centre !== centre && pair.centre < pair.context);
  const company = new Set(pairs.filter((pair) => pair.centre === centre).map((pair) => pair.context));
  return svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "font-family": FONT, role: "img", "aria-label": "The pairs of the sentence as arcs" },
    svg("rect", { width, height, fill: palette.paper }),
    others.map((pair) => arc(pair, false)),
    pairs.filter((pair) => pair.centre === centre).map((pair) => arc(pair, true)),
    tokens.map((token, at) => svg("text", {
      x: middles[at].toFixed(1), y: base + 22, "font-size": SIZE, "text-anchor": "middle", "data-token": at,
      fill: at === centre ? palette.second : company.has(at) ? palette.accent : palette.ink, "font-weight": at === centre ? 600 : null,
    }, label(token))));
}
