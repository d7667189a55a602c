// The words that belong to rows, fetched in batches when a label is first needed: a page that opens three million words
// must not begin by loading them.

const BATCH = 1000;

export class LabelStore {
  /**
   * @param {Object} api
   * @param {number} model
   * @param {() => void} arrived called when more labels are known
   */
  constructor(api, model, arrived) {
    this.api = api;
    this.model = model;
    this.arrived = arrived;
    this.texts = new Map();
    this.asked = new Set();
  }

  /** @param {number} row @returns {string|undefined} */
  of(row) {
    return this.texts.get(row);
  }

  /** Remember a word that came with another answer. */
  learn(row, text) {
    this.texts.set(row, text);
  }

  /** Fetch the most frequent words' labels. */
  async first(count) {
    this.#take(await this.api.firstLabels(this.model, count));
  }

  /** Fetch what is not known yet, without waiting for it; `arrived` is called when it has come. */
  want(rows) {
    const missing = rows.filter((row) => !this.texts.has(row) && !this.asked.has(row)).slice(0, BATCH);
    if (!missing.length) return;
    for (const row of missing) this.asked.add(row);
    this.api.labels(this.model, missing).then((answer) => this.#take(answer)).catch(() => {
      for (const row of missing) this.asked.delete(row);
    });
  }

  /**
   * The words of many rows, all of them.
   * @param {number[]} rows
   * @returns {Promise<string[]>}
   */
  async all(rows) {
    const missing = rows.filter((row) => !this.texts.has(row));
    for (let at = 0; at < missing.length; at += BATCH) this.#take(await this.api.labels(this.model, missing.slice(at, at + BATCH)));
    return rows.map((row) => this.texts.get(row));
  }

  #take({ rows, labels }) {
    rows.forEach((row, at) => this.texts.set(row, labels[at]));
    this.arrived();
  }
}
