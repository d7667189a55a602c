// The k best of all rows, by whatever scores them: every row is looked at.

/**
 * @param {number} count how many rows there are
 * @param {number} k
 * @param {(row: number) => number} score larger is better; NaN rows are passed over
 * @param {(row: number) => boolean} [leftOut]
 * @returns {{row: number, score: number}[]} the best first, ties by row
 */
export function best(count, k, score, leftOut = () => false) {
  /** @type {{row: number, score: number}[]} rising, as a short sorted list: k is small */
  const kept = [];
  for (let row = 0; row < count; row++) {
    if (leftOut(row)) continue;
    const own = score(row);
    if (Number.isNaN(own) || (kept.length === k && own <= kept[0].score)) continue;
    let at = kept.length;
    while (at > 0 && kept[at - 1].score >= own) at--;
    kept.splice(at, 0, { row, score: own });
    if (kept.length > k) kept.shift();
  }
  return kept.reverse();
}
