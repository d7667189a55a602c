// What the map is set with: its colours, its layout, the words that stand out.

import { choice, remark, textField } from "./controls.js";
import { percent } from "./numbers.js";
import { wordListField } from "./word_list_field.js";

const NAMES = { pca: "PCA", umap: "UMAP" };

/**
 * @param {Object} app
 * @param {URLSearchParams} parameters the map's
 * @param {{layouts: {name: string, state: string}[]|undefined, layout: string, kept: number[]|null|undefined}} places
 * @param {(changes: Object<string, any>) => void} go
 * @returns {(Node|null)[]}
 */
export function mapControls(app, parameters, { layouts, layout, kept }, go) {
  const possible = (layouts ?? [{ name: layout, state: "ready" }]).filter(({ state }) => state !== "unavailable");
  const by = parameters.get("colour") ?? "cluster";
  const ends = (label, name) => wordListField(app, { label, words: parameters.getAll(name), change: (words) => go({ [name]: words }) });
  return [
    choice("Colour", [["cluster", "cluster"], ["count", app.described.counts ? "frequency" : "rank"], ["norm", "length of the vector"], ["axis", "axis between words"]], by, (colour) => go({ colour, only: null })),
    possible.length > 1 ? choice("Places", possible.map(({ name, state }) => [name, `${NAMES[name] ?? name}${state === "absent" ? " (compute)" : ""}`]), layout, (name) => go({ layout: name, x: null, y: null, z: null })) : null,
    textField("Highlight words that contain", parameters.get("find") ?? "", (find) => go({ find }), { maxlength: 1000 }),
    by === "axis" ? ends("From", "negative") : null,
    by === "axis" ? ends("To", "positive") : null,
    kept?.length ? remark(`The two directions keep ${percent(kept.reduce((sum, one) => sum + one, 0))} of the variance.`) : null,
  ];
}
