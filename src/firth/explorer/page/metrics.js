// How near two vectors are, for the page that has no server: each metric by its formula, as the library's
// src/firth/vectors/product_metrics.py and cdist_metrics.py define them.

/** @typedef {Float64Array|Float32Array} Vector */

/** x·q / (|x| |q|), and 0 where one is zero. @param {Vector} x @param {Vector} q */
export function cosine(x, q) {
  let product = 0, xx = 0, qq = 0;
  for (let i = 0; i < q.length; i++) {
    product += x[i] * q[i];
    xx += x[i] * x[i];
    qq += q[i] * q[i];
  }
  const norms = Math.sqrt(xx * qq);
  return norms > 0 ? Math.min(1, Math.max(-1, product / norms)) : 0;
}

/** The mean of a vector's numbers taken from each; zero where all are alike. @param {Vector} x */
function centred(x) {
  let [sum, low, high] = [0, Infinity, -Infinity];
  for (const number of x) {
    sum += number;
    low = Math.min(low, number);
    high = Math.max(high, number);
  }
  return Float64Array.from(x, (number) => (low === high ? 0 : number - sum / x.length));
}

function summed(term) {
  return (x, q) => {
    let sum = 0;
    for (let i = 0; i < q.length; i++) sum += term(x[i], q[i], i);
    return sum;
  };
}

const squares = summed((a, b) => (a - b) ** 2);

/** How many places are non-zero in both, in x alone, in q alone, in neither. */
function places(x, q) {
  let both = 0, xAlone = 0, qAlone = 0;
  for (let i = 0; i < q.length; i++) {
    if (x[i] !== 0 && q[i] !== 0) both++;
    else if (x[i] !== 0) xAlone++;
    else if (q[i] !== 0) qAlone++;
  }
  return { both, alone: xAlone + qAlone, xAlone, qAlone, neither: q.length - both - xAlone - qAlone };
}

function jensenShannon(x, q) {
  const sums = [x, q].map((side) => side.reduce((sum, number) => sum + number, 0));
  let divergence = 0;
  for (let i = 0; i < q.length; i++) {
    const p = x[i] / sums[0], r = q[i] / sums[1];
    if (x[i] < 0 || q[i] < 0) return NaN;
    for (const share of [p, r]) if (share !== 0) divergence += share * Math.log((2 * share) / (p + r));
  }
  return Math.sqrt(Math.max(0, divergence) / 2);
}

// The parts of x − q along each principal component, each in units of how far the words spread along it.
function mahalanobis(x, q, { components: { directions, variances } }) {
  if (!(variances.at(-1) > variances[0] * variances.length * Number.EPSILON)) throw new Error("These vectors do not spread in all their dimensions, as this metric needs.");
  return Math.sqrt(directions.reduce((sum, direction, at) => sum + direction.reduce((part, number, i) => part + number * (x[i] - q[i]), 0) ** 2 / variances[at], 0));
}

const plain = {
  cosine: { similarity: true, of: cosine },
  correlation: { similarity: true, of: (x, q) => cosine(centred(x), centred(q)) },
  dot: { similarity: true, of: summed((a, b) => a * b) },
  euclidean: { of: (x, q) => Math.sqrt(squares(x, q)) },
  sqeuclidean: { of: squares },
  manhattan: { of: summed((a, b) => Math.abs(a - b)) },
  chebyshev: { of: (x, q) => x.reduce((most, a, i) => Math.max(most, Math.abs(a - q[i])), 0) },
  canberra: { of: summed((a, b) => (a === 0 && b === 0 ? 0 : Math.abs(a - b) / (Math.abs(a) + Math.abs(b)))) },
  braycurtis: { of: (x, q) => summed((a, b) => Math.abs(a - b))(x, q) / summed((a, b) => Math.abs(a + b))(x, q) },
  seuclidean: { of: (x, q, { variances }) => Math.sqrt(summed((a, b, i) => (a - b) ** 2 / variances[i])(x, q)), fitted: true },
  mahalanobis: { of: mahalanobis, fitted: true },
  jensenshannon: { of: jensenShannon },
  hamming: { of: (x, q) => summed((a, b) => (a !== b ? 1 : 0))(x, q) / q.length },
  dice: { of: (x, q) => (({ both, alone }) => alone / (2 * both + alone))(places(x, q)) },
  jaccard: { of: (x, q) => (({ both, alone }) => (both + alone ? alone / (both + alone) : 0))(places(x, q)) },
  rogerstanimoto: { of: (x, q) => (({ both, alone, neither }) => (2 * alone) / (both + neither + 2 * alone))(places(x, q)) },
  russellrao: { of: (x, q) => (q.length - places(x, q).both) / q.length },
  sokalsneath: { of: (x, q) => (({ both, alone }) => (2 * alone) / (both + 2 * alone))(places(x, q)) },
  yule: { of: (x, q) => (({ both, xAlone, qAlone, neither }) => (xAlone * qAlone ? (2 * xAlone * qAlone) / (both * neither + xAlone * qAlone) : 0))(places(x, q)) },
};

/** The metrics' names. */
export const METRICS = Object.keys(plain);

/**
 * A metric by its name.
 * @param {string} name one of METRICS, or "minkowski:" and a power
 * @returns {{similarity?: boolean, fitted?: boolean, of: (x: Vector, q: Vector, table?: import("./vector_table.js").VectorTable) => number}|null}
 */
export function metricNamed(name) {
  const power = /^minkowski:(\d+(?:\.\d+)?)$/.exec(name);
  if (power && Number(power[1]) >= 1) return { of: (x, q) => summed((a, b) => Math.abs(a - b) ** Number(power[1]))(x, q) ** (1 / Number(power[1])) };
  return Object.hasOwn(plain, name) ? plain[name] : null;
}
