// A loop drawn around points, and what lies inside it.

/**
 * The box around a loop.
 * @param {[number, number][]} loop
 * @returns {import("./camera.js").Box}
 */
export function boxAround(loop) {
  const xs = loop.map(([x]) => x), ys = loop.map(([, y]) => y);
  return { left: Math.min(...xs), right: Math.max(...xs), bottom: Math.min(...ys), top: Math.max(...ys) };
}

/**
 * Whether a place is inside a loop: a ray from it to the right crosses the loop's lines an odd number of times.
 * @param {[number, number][]} loop its last corner is joined to its first
 * @param {number} x
 * @param {number} y
 * @returns {boolean}
 */
export function isInside(loop, x, y) {
  let inside = false;
  for (let at = 0, before = loop.length - 1; at < loop.length; before = at++) {
    const [x1, y1] = loop[at], [x2, y2] = loop[before];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  }
  return inside;
}

/**
 * The rows inside a loop.
 * @param {import("./point_grid.js").PointGrid} grid
 * @param {[number, number][]} loop in the plane's units
 * @returns {number[]}
 */
export function rowsInside(grid, loop) {
  return loop.length < 3 ? [] : grid.inside(boxAround(loop), (x, y) => isInside(loop, x, y));
}
