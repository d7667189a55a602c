// The answers without a server, for the page saved as one file: the same methods as server_api.js, with exact search
// over the vectors that the file carries.

import { best } from "./exact_search.js";
import { parse } from "./expressions.js";
import { METRICS, cosine, metricNamed } from "./metrics.js";
import { Refused } from "./server_api.js";
import { trainingPairs } from "./training_pairs.js";
import { VectorTable } from "./vector_table.js";

const METHODS = ["3CosAdd", "3CosMul", "PairDirection"];
const EPSILON = 0.001; // what keeps 3CosMul from dividing by zero

/**
 * @param {Object} data as the element #firth-data holds it
 * @returns {Object<string, Function>}
 */
export function staticApi(data) {
  const table = new VectorTable(data);
  const answers = { ...wordAnswers(table), ...mapAnswers(table, data), ...searchAnswers(table), ...axisAnswers(table), ...otherAnswers(table, data) };
  // As from a server: a promise, and one sentence where there is no answer.
  const asked = (answer) => async (...question) => {
    try {
      return answer(...question);
    } catch (error) {
      throw new Refused(error.message);
    }
  };
  return { isStatic: true, leftOut: data.left_out ?? 0, ...Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name, asked(answer)])) };
}

function told(table, row, more = {}) {
  return { word: table.words[row], row, count: table.counts ? table.counts[row] : null, ...more };
}

function wordAnswers(table) {
  const labels = (rows) => ({ rows, labels: rows.map((row) => table.words[row]) });
  const rowsWhere = (holds, most) => {
    const rows = [];
    for (let row = 0; row < table.size && rows.length < most; row++) if (holds(table.words[row])) rows.push(row);
    return rows;
  };
  return {
    words: (_, prefix, k = 12) => {
      const exact = table.numbers.get(prefix);
      const others = rowsWhere((word) => word.startsWith(prefix) && word !== prefix, k);
      return { words: [...(exact === undefined ? [] : [exact]), ...others].slice(0, k).map((row) => told(table, row)) };
    },
    labels: (_, rows) => labels(rows),
    firstLabels: (_, first) => labels(Array.from({ length: Math.min(first, table.size) }, (_, row) => row)),
    search: (_, text, k = 5000) => {
      const rows = rowsWhere((word) => word.includes(text), Infinity);
      return { rows: rows.slice(0, k), total: rows.length };
    },
  };
}

function mapAnswers(table, data) {
  const colours = {
    count: () => Float32Array.from({ length: table.size }, (_, row) => Math.log10(table.counts ? table.counts[row] : row + 1)),
    cluster: () => Float32Array.from(table.clusters ?? new Uint8Array(table.size)),
    norm: () => Float32Array.from({ length: table.size }, (_, row) => Math.hypot(...table.vector(row))),
    axis: ({ positive, negative }) => {
      const along = table.along(table.direction(positive, negative));
      return Float32Array.from({ length: table.size }, (_, row) => along(row));
    },
  };
  return {
    models: () => ({ version: data.version, live: false, metrics: METRICS, methods: METHODS, models: [{ ...data.model, id: 0, words: table.size, dim: table.dim, confidence: false, runs: 0 }] }),
    layouts: () => ({ layouts: Object.keys(table.layouts).map((name) => ({ name, state: "ready", kept: null })) }),
    map: (_, layout) => table.layouts[layout] ?? Object.values(table.layouts)[0],
    colour: (_, by, axis) => colours[by](axis),
  };
}

function searchAnswers(table) {
  const metric = (name) => {
    const found = metricNamed(name);
    if (!found) throw new Error(`There is no metric “${name}”; this page knows ${METRICS.join(", ")} and minkowski:3.`);
    return found;
  };
  return {
    neighbours: (_, { word, k = 20, metric: name = "cosine", centred = false }) => {
      const by = metric(name);
      const row = table.row(word);
      const query = Float64Array.from(table.vector(row, centred));
      const spread = by.fitted ? table : null;
      const sign = by.similarity ? 1 : -1;
      const found = best(table.size, k + 1, (other) => sign * by.of(table.vector(other, centred), query, spread), (other) => other === row);
      const neighbors = found.slice(0, k).map((one) => told(table, one.row, { value: sign * one.score, share: null, low: null, high: null }));
      return { ...told(table, row), metric: name, centred: Boolean(centred), closer: by.similarity ? "greater" : "smaller", neighbors, notes: ties(found, k, `"${word}"`, query) };
    },
    analogy: (_, { expression, k = 10, method = "3CosAdd", queries = "leave", centred = false }) => {
      const terms = parse(expression).map((term) => ({ ...term, row: table.row(term.word) }));
      const asked = new Set(terms.map((term) => term.row));
      const score = scored(table, terms, method, centred);
      const found = best(table.size, k + 1, score, queries === "keep" ? undefined : (row) => asked.has(row));
      return { expression, method, centred: Boolean(centred), answers: found.slice(0, k).map((one) => told(table, one.row, { value: one.score, asked: asked.has(one.row) })), notes: ties(found, k, terms.length === 1 ? `"${terms[0].word}"` : "the query", terms.length === 1 ? table.vector(terms[0].row, centred) : null) };
    },
  };
}

/** A sentence about a list that was cut between equals, or whose query is a vector of zeros, as the library says it; found are k + 1. */
function ties(found, k, of, query) {
  const tied = found.length > k && found[k].score === found[k - 1].score;
  const shown = found.slice(0, k);
  const flat = query?.every((number) => number === 0) && shown.every(({ score }) => score === shown[0].score) && (tied || shown.length > 1);
  if (flat) return [`all neighbours shown of ${of} (a vector of zeros) are equally near: they come in the order of the words${tied ? ", and others that are not shown are as near" : ""}`];
  return tied ? [`the last neighbour shown of ${of} is no nearer than others that are not shown: of words that are equally near, the first in order are shown`] : [];
}

/** Each list's known words (a list without any stays as it is, and is refused where it is used), and the unknown ones. */
function parted(table, ...lists) {
  const unknown = new Set(lists.flat().filter((word) => !table.has(word)));
  return { unknown: [...unknown], lists: lists.map((words) => (words.every((word) => unknown.has(word)) ? words : words.filter((word) => !unknown.has(word)))) };
}

/** What an expression ranks words by; Levy and Goldberg 2014, §3 and §6. */
function scored(table, terms, method, centred) {
  const units = terms.map((term) => table.unit(term.row, centred));
  const sum = (weight) => units[0].map((_, i) => units.reduce((total, unit, at) => total + weight(terms[at]) * unit[i], 0));
  if (method === "3CosMul") {
    return (row) => {
      let above = 1, below = 1;
      terms.forEach(({ weight }, at) => {
        const power = ((cosine(table.vector(row, centred), units[at]) + 1) / 2) ** Math.abs(weight);
        if (weight > 0) above *= power;
        else below *= power;
      });
      return terms.some(({ weight }) => weight < 0) ? above / (below + EPSILON) : above;
    };
  }
  if (method === "PairDirection") return pairDirection(table, terms, units, centred);
  const total = sum(({ weight }) => weight);
  if (!(Math.hypot(...total) > 1e-6 * terms.reduce((all, { weight }) => all + Math.abs(weight), 0))) throw new Error("The terms cancel out, so that no direction is left.");
  return (row) => cosine(table.vector(row, centred), total);
}

function pairDirection(table, terms, units, centred) {
  const added = terms.flatMap(({ weight }, at) => (weight === 1 ? [at] : []));
  const taken = terms.flatMap(({ weight }, at) => (weight === -1 ? [at] : []));
  if (terms.length !== 3 || added.length !== 2 || taken.length !== 1) throw new Error("This method takes “b - a + c”: two words added and one taken away, without weights.");
  const direction = units[added[0]].map((number, i) => number - units[taken[0]][i]);
  if (!(Math.hypot(...direction) > 1e-6)) throw new Error("The terms cancel out, so that no direction is left.");
  const from = units[added[1]];
  return (row) => {
    const apart = table.unit(row, centred).map((number, i) => number - from[i]);
    return Math.hypot(...apart) < 1e-6 ? 0 : cosine(apart, direction);
  };
}

function axisAnswers(table) {
  return {
    axis: (_, question) => {
      const { k = 20 } = question;
      const { unknown, lists: [positive, negative, asked] } = parted(table, question.positive, question.negative, question.word ?? []);
      const word = asked.filter((one) => table.has(one));
      const along = table.along(table.direction(positive, negative));
      const placed = (row, value) => told(table, row, { value });
      return {
        words: word.map((one) => table.row(one)).map((row) => placed(row, along(row))).sort((a, b) => b.value - a.value),
        most: best(table.size, k, along).map(({ row, score }) => placed(row, score)),
        least: best(table.size, k, (row) => -along(row)).map(({ row, score }) => placed(row, -score)),
        unknown,
      };
    },
    plane: (_, question) => {
      const { first = 0 } = question;
      const { unknown, lists: [x_positive, x_negative, y_positive, y_negative, word] } = parted(table, question.x_positive, question.x_negative, question.y_positive, question.y_negative, question.word ?? []);
      const x = table.along(table.direction(x_positive, x_negative)), y = table.along(table.direction(y_positive, y_negative));
      const ends = [...x_positive, ...x_negative, ...y_positive, ...y_negative];
      const frequent = Array.from({ length: Math.min(first, table.size) }, (_, row) => row);
      const rows = word.length ? word.map((one) => table.row(one)) : [...new Set([...frequent, ...ends.map((one) => table.row(one))])];
      return { words: rows.map((row) => ({ word: table.words[row], row, x: x(row), y: y(row) })), unknown };
    },
  };
}

function otherAnswers(table, data) {
  return {
    heatmap: (_, { word: asked, components = 20 }) => {
      const { unknown, lists: [word] } = parted(table, asked);
      const rows = word.map((one) => [...table.vector(table.row(one))]);
      const { directions, shares } = table.components;
      const along = (row, direction) => row.reduce((sum, number, i) => sum + (number - table.means[i]) * direction[i], 0);
      const principal = rows.map((row) => directions.slice(0, components).map((direction) => along(row, direction)));
      return { words: word, raw: rows, principal, kept: shares.slice(0, components), unknown };
    },
    record: () => ({ record: data.record ?? {}, curve: data.curve ?? [] }),
    pairs: (text, window = 5) => trainingPairs(text, window),
    live: () => ({ state: "none", frames: [], words: [] }),
    compare: () => { throw new Error("This page carries one model."); },
    moved: () => { throw new Error("This page carries one model."); },
    saveAddress: () => null,
  };
}
