// The map as it is seen, as a picture: its labels as text; its dots as circles where they are few, else as one image.

import { svg } from "./element.js";
import { MapCanvas } from "./map_canvas.js";
import { packed } from "./palette.js";
import { FONT } from "./typeface.js";

const CIRCLES = 3000;

/**
 * @param {import("./map_stage.js").MapStage} stage
 * @param {import("./palette.js").Palette} palette the picture's, which need not be the page's
 * @param {import("./map_colours.js").Painted} scene painted with that palette
 * @returns {SVGElement}
 */
export function mapPicture(stage, palette, scene) {
  const { camera, places, marks } = stage;
  const [width, height] = [Math.round(camera.width), Math.round(camera.height)];
  const seen = stage.grid.firstInside(camera.seen, CIRCLES + 1);
  const place = (row) => camera.toPixels(places[2 * row], places[2 * row + 1]).map((number) => Number(number.toFixed(1)));
  const dots = seen.length <= CIRCLES ? circles(seen.reverse(), scene, place, stage.diameter / 2) : image(stage, palette, scene, width, height);
  const isPlaced = (row) => row >= 0 && Number.isFinite(places[2 * row]);
  const ring = (row, radius, stroke) => svg("circle", { cx: place(row)[0], cy: place(row)[1], r: radius, fill: "none", stroke, "stroke-width": 1.5 });
  const marked = new Set([marks.chosen, ...marks.others]);
  return svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "font-family": FONT, role: "img", "aria-label": "Map of words" },
    svg("rect", { width, height, fill: palette.paper }),
    dots,
    marks.others.filter(isPlaced).map((row) => ring(row, stage.diameter / 2 + 2.5, palette.accent)),
    isPlaced(marks.chosen) ? ring(marks.chosen, stage.diameter / 2 + 3.5, palette.second) : null,
    stage.labels.map(({ row, text, left, y }) => svg("text", {
      x: left.toFixed(1), y: (y + 4.5).toFixed(1), "font-size": 14, "paint-order": "stroke", stroke: palette.paper, "stroke-width": 3.5, "stroke-linejoin": "round",
      fill: row === marks.chosen ? palette.second : marked.has(row) ? palette.accent : palette.ink, "font-weight": row === marks.chosen ? 600 : null,
    }, text)));
}

function circles(rows, scene, place, radius) {
  const above = rows.filter((row) => scene.above?.[row]);
  return [...rows.filter((row) => !scene.above?.[row]), ...above].map((row) => {
    const colour = scene.palette[scene.colours[row]];
    const hex = [colour & 255, (colour >>> 8) & 255, (colour >>> 16) & 255].map((channel) => channel.toString(16).padStart(2, "0")).join("");
    const [x, y] = place(row);
    return svg("circle", { cx: x, cy: y, r: (radius + (scene.above?.[row] ? 1.25 : 0)).toFixed(1), fill: `#${hex}`, opacity: 0.86 });
  });
}

function image(stage, palette, scene, width, height) {
  const canvas = document.createElement("canvas");
  const drawing = new MapCanvas(canvas);
  drawing.resize(2 * width, 2 * height);
  const { places, camera, inView } = stage;
  drawing.draw({ ...scene, places, camera, ratio: 2, paper: packed(palette.paper), inView, first: places.length / 2 });
  return svg("image", { width, height, href: canvas.toDataURL("image/png") });
}
