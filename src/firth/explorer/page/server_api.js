// The answers as a running server gives them. static_api.js has the same methods, computed in the page.

/** An answer that was refused, with the server's own sentence. */
export class Refused extends Error {}

/** What is being computed is not ready yet. */
export const RUNNING = Symbol("running");

async function fetched(path, parameters) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined && one !== null) query.append(key, one === true ? 1 : one === false ? 0 : one);
  }
  let response;
  try {
    response = await fetch(`api/${path}?${query}`);
  } catch {
    throw new Refused("The server does not answer; was it stopped?");
  }
  if (response.ok) return response;
  const told = await response.json().catch(() => ({}));
  throw new Refused(told.error ?? `The server answered ${response.status}.`);
}

async function json(path, parameters = {}) {
  return (await fetched(path, parameters)).json();
}

async function floats(path, parameters) {
  const response = await fetched(path, parameters);
  return response.status === 202 ? RUNNING : new Float32Array(await response.arrayBuffer());
}

/** @returns {Object<string, Function>} every question the page asks, as a promise of its answer */
export function serverApi() {
  return {
    isStatic: false,
    models: () => json("models"),
    words: (model, prefix, k = 12) => json("words", { model, prefix, k }),
    labels: (model, rows) => json("labels", { model, row: rows }),
    firstLabels: (model, first) => json("labels", { model, first }),
    search: (model, text, k = 5000) => json("search", { model, text, k }),
    layouts: (model) => json("layouts", { model }),
    map: (model, layout) => floats("map", { model, layout }),
    colour: (model, by, axis = {}) => floats("colour", { model, by, ...axis }),
    neighbours: (model, question) => json("neighbors", { model, ...question }),
    analogy: (model, question) => json("analogy", { model, ...question }),
    axis: (model, question) => json("axis", { model, ...question }),
    plane: (model, question) => json("plane", { model, ...question }),
    compare: (left, right, question) => json("compare", { left, right, ...question }),
    moved: (left, right, question) => json("moved", { left, right, ...question }),
    heatmap: (model, question) => json("heatmap", { model, ...question }),
    record: (model) => json("record", { model }),
    pairs: (text, window) => json("pairs", { text, window }),
    live: (after, words) => json("live", { after, word: words }),
    saveAddress: (model, layout) => `export.html?${new URLSearchParams({ model, layout })}`,
  };
}
