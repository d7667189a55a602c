// Numbers as they changed: one line a series, each told by its name at its end and by its dashes, not by colour alone.

import { svg } from "./element.js";
import { decimal, tickText, ticks } from "./numbers.js";
import { FONT } from "./typeface.js";

/**
 * @param {import("./palette.js").Palette} palette
 * @param {Object} settings
 * @param {{name: string, points: [number, number][]}[]} settings.series
 * @param {string} settings.across what the horizontal axis is
 * @param {string} settings.up what the vertical one is
 * @param {string} settings.title
 * @param {number} settings.width
 * @param {number} settings.height
 * @returns {SVGElement}
 */
export function lineChart(palette, { series, across, up, title, width, height }) {
  const margin = { left: 58, right: 96, top: 34, bottom: 44 };
  const shown = series.filter(({ points }) => points.length);
  const every = shown.flatMap(({ points }) => points);
  const ends = (axis) => {
    const numbers = every.map((point) => point[axis]);
    const [low, high] = numbers.length ? [Math.min(...numbers), Math.max(...numbers)] : [0, 1];
    return high > low ? [low, high] : [low - 0.5, high + 0.5];
  };
  const [xs, rough] = [ends(0), ends(1)];
  const aside = 0.06 * (rough[1] - rough[0]);
  const ys = [rough[0] - aside, rough[1] + aside];
  const toX = (x) => margin.left + ((x - xs[0]) / (xs[1] - xs[0])) * (width - margin.left - margin.right);
  const toY = (y) => height - margin.bottom - ((y - ys[0]) / (ys[1] - ys[0])) * (height - margin.top - margin.bottom);
  const text = (x, y, content, more = {}) => svg("text", { x, y, fill: palette.soft, "font-size": 12, ...more }, content);
  const styles = [{ colour: palette.accent, dashes: null }, { colour: palette.second, dashes: "6 4" }, { colour: palette.soft, dashes: "2 3" }];
  return svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "font-family": FONT, role: "img", "aria-label": title },
    svg("rect", { width, height, fill: palette.paper }),
    text(margin.left - 44, 18, up),
    text(width - margin.right, height - 8, across, { "text-anchor": "end" }),
    ticks(...ys, 5).map((tick) => [
      svg("line", { x1: margin.left, x2: width - margin.right, y1: toY(tick), y2: toY(tick), stroke: palette.line }),
      text(margin.left - 8, toY(tick) + 4, tickText(tick), { "text-anchor": "end" }),
    ]),
    ticks(...xs, 6).map((tick) => text(toX(tick), height - margin.bottom + 18, tickText(tick), { "text-anchor": "middle" })),
    shown.map(({ name, points }, at) => {
      const { colour, dashes } = styles[at % styles.length];
      const [lastX, lastY] = points[points.length - 1];
      // Two lines that end close together keep their names apart.
      const nudge = at && Math.abs(toY(lastY) - toY(shown[0].points.at(-1)[1])) < 30 ? (lastY < shown[0].points.at(-1)[1] ? 30 : -30) - (toY(lastY) - toY(shown[0].points.at(-1)[1])) : 0;
      return svg("g", {},
        svg("polyline", { points: points.map(([x, y]) => `${toX(x).toFixed(1)},${toY(y).toFixed(1)}`).join(" "), fill: "none", stroke: colour, "stroke-width": 2, "stroke-dasharray": dashes, "stroke-linejoin": "round" }),
        points.length <= 60 ? points.map(([x, y]) => svg("circle", { cx: toX(x), cy: toY(y), r: 3, fill: colour }, svg("title", {}, `${name}: ${decimal(y)}`))) : null,
        text(toX(lastX) + 8, toY(lastY) + nudge - 2, name, { fill: colour }),
        text(toX(lastX) + 8, toY(lastY) + nudge + 13, decimal(lastY), { fill: colour }));
    }));
}
