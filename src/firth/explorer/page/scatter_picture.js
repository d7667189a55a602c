// Words on a plane whose two directions mean something, with labels that do not cover one another.

import { label, svg } from "./element.js";
import { placeLabels } from "./labels.js";
import { FONT, textWidth } from "./typeface.js";

/**
 * @param {import("./palette.js").Palette} palette
 * @param {Object} settings
 * @param {{word: string, x: number, y: number, strong?: boolean}[]} settings.points
 * @param {[string, string]} settings.across the names of the left and right ends
 * @param {[string, string]} settings.up the names of the lower and upper ends
 * @param {string} settings.title
 * @param {number} settings.width
 * @param {number} settings.height
 * @returns {SVGElement}
 */
export function scatterPicture(palette, { points, across, up, title, width, height }) {
  const margin = { left: 34, right: 24, top: 24, bottom: 34 };
  const reach = (axis) => {
    const numbers = points.map((point) => point[axis]).filter(Number.isFinite);
    const [low, high] = [Math.min(0, ...numbers), Math.max(0, ...numbers)];
    const aside = 0.06 * (high - low || 1);
    return [low - aside, high + aside];
  };
  const [xs, ys] = [reach("x"), reach("y")];
  const toX = (x) => margin.left + ((x - xs[0]) / (xs[1] - xs[0])) * (width - margin.left - margin.right);
  const toY = (y) => height - margin.bottom - ((y - ys[0]) / (ys[1] - ys[0])) * (height - margin.top - margin.bottom);
  const placed = points.map((point, row) => ({ row, text: label(point.word), x: toX(point.x), y: toY(point.y), strong: point.strong }));
  const labels = placeLabels([...placed.filter(({ strong }) => strong), ...placed.filter(({ strong }) => !strong)], { width, height: height - margin.bottom, line: 17, gap: 7, most: 400 }, (text) => textWidth(text));
  const end = (x, y, text, more) => svg("text", { x, y, fill: palette.soft, "font-size": 13, ...more }, label(text, 60));
  return svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "font-family": FONT, role: "img", "aria-label": title },
    svg("rect", { width, height, fill: palette.paper }),
    svg("path", { d: `M${toX(0)},${margin.top}V${height - margin.bottom}M${margin.left},${toY(0)}H${width - margin.right}`, stroke: palette.line, fill: "none" }),
    end(margin.left, height - 10, `← ${across[0]}`),
    end(width - margin.right, height - 10, `${across[1]} →`, { "text-anchor": "end" }),
    end(0, 0, `← ${up[0]}`, { transform: `translate(16 ${height - margin.bottom}) rotate(-90)` }),
    end(0, 0, `${up[1]} →`, { transform: `translate(16 ${margin.top}) rotate(-90)`, "text-anchor": "end" }),
    placed.map(({ x, y, strong, text }) => svg("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: strong ? 4.5 : 3, fill: strong ? palette.second : palette.accent, opacity: strong ? 1 : 0.75 }, svg("title", {}, text))),
    labels.map(({ text, left, y, strong }) => svg("text", {
      x: left.toFixed(1), y: (y + 4.5).toFixed(1), "font-size": 14, fill: strong ? palette.second : palette.ink, "paint-order": "stroke", stroke: palette.paper, "stroke-width": 3, "stroke-linejoin": "round",
    }, text)));
}
