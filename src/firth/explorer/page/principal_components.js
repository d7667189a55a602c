// Principal components of all the vectors a saved page carries: the eigenvectors of their covariance, by Jacobi's
// rotations, which need no library and are quick enough for some hundreds of dimensions.

/**
 * @param {Float32Array} matrix row by row
 * @param {number} dim
 * @param {Float64Array} means of each dimension
 * @returns {{directions: Float64Array[], shares: number[], variances: number[]}} the largest first
 */
export function principalComponents(matrix, dim, means) {
  const size = matrix.length / dim;
  const products = Array.from({ length: dim }, () => new Float64Array(dim));
  const row = new Float64Array(dim);
  for (let start = 0; start < matrix.length; start += dim) {
    for (let i = 0; i < dim; i++) row[i] = matrix[start + i] - means[i];
    for (let i = 0; i < dim; i++) {
      const line = products[i], own = row[i];
      for (let j = i; j < dim; j++) line[j] += own * row[j];
    }
  }
  for (let i = 0; i < dim; i++) for (let j = i; j < dim; j++) products[j][i] = products[i][j] /= Math.max(1, size - 1);
  const { values, vectors } = eigen(products);
  const order = Array.from(values.keys()).sort((a, b) => values[b] - values[a]);
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0) || 1;
  return {
    directions: order.map((at) => signed(vectors[at])),
    shares: order.map((at) => Math.max(0, values[at]) / total),
    variances: order.map((at) => values[at]),
  };
}

// A direction may point either way; the one whose largest number is above 0 is taken, so that pictures agree.
function signed(direction) {
  const largest = direction.reduce((most, number) => (Math.abs(number) > Math.abs(most) ? number : most), 0);
  return largest < 0 ? direction.map((number) => -number) : direction;
}

/**
 * Eigenvalues and eigenvectors of a symmetric matrix.
 * @param {Float64Array[]} matrix is used up
 * @returns {{values: Float64Array, vectors: Float64Array[]}} vectors[j] belongs to values[j]
 */
export function eigen(matrix) {
  const size = matrix.length;
  const vectors = matrix.map((_, i) => Float64Array.from({ length: size }, (_, j) => Number(i === j)));
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0, on = 0;
    for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) (i === j ? (on += matrix[i][j] ** 2) : (off += matrix[i][j] ** 2));
    if (off <= 1e-24 * on) break;
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) if (matrix[p][q] !== 0) rotate(matrix, vectors, p, q);
  }
  return { values: Float64Array.from(matrix, (row, i) => row[i]), vectors };
}

// One rotation in the plane of p and q, chosen so that their product becomes zero.
function rotate(matrix, vectors, p, q) {
  const theta = (matrix[q][q] - matrix[p][p]) / (2 * matrix[p][q]);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.sqrt(t * t + 1), s = t * c;
  for (const row of matrix) {
    const a = row[p], b = row[q];
    row[p] = c * a - s * b;
    row[q] = s * a + c * b;
  }
  for (const pair of [matrix, vectors]) {
    const first = pair[p], second = pair[q];
    for (let i = 0; i < first.length; i++) {
      const a = first[i], b = second[i];
      first[i] = c * a - s * b;
      second[i] = s * a + c * b;
    }
  }
}
