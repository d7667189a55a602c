// Which labels are shown, and where: the most frequent words first, and no label on top of another.

/** @typedef {{row: number, text: string, x: number, y: number, left: number, width: number, side: number}} Label */

const CELL = 24; // pixels of the coarse grid in which collisions are looked for

/**
 * Place labels beside their points.
 * @param {{row: number, text: string, x: number, y: number}[]} candidates the most important first, in pixels
 * @param {Object} room
 * @param {number} room.width
 * @param {number} room.height
 * @param {number} room.line a label's height
 * @param {number} room.gap from the point to the text
 * @param {number} room.most how many labels at most
 * @param {(text: string) => number} measure a text's width
 * @returns {Label[]}
 */
export function placeLabels(candidates, { width, height, line, gap, most }, measure) {
  const taken = new Map();
  const placed = [];
  for (const candidate of candidates) {
    if (placed.length >= most) break;
    const wide = measure(candidate.text);
    for (const side of [1, -1]) {
      const left = side > 0 ? candidate.x + gap : candidate.x - gap - wide;
      const box = { left: left - 3, right: left + wide + 3, top: candidate.y - line / 2, bottom: candidate.y + line / 2 };
      if (box.left < 0 || box.right > width || box.top < 0 || box.bottom > height || collides(taken, box)) continue;
      occupy(taken, box);
      placed.push({ ...candidate, left, width: wide, side });
      break;
    }
  }
  return placed;
}

function* cells(box) {
  for (let y = Math.floor(box.top / CELL); y <= Math.floor(box.bottom / CELL); y++) {
    for (let x = Math.floor(box.left / CELL); x <= Math.floor(box.right / CELL); x++) yield y * 4096 + x;
  }
}

function collides(taken, box) {
  for (const cell of cells(box)) {
    for (const other of taken.get(cell) ?? []) {
      if (box.left < other.right && box.right > other.left && box.top < other.bottom && box.bottom > other.top) return true;
    }
  }
  return false;
}

function occupy(taken, box) {
  for (const cell of cells(box)) {
    if (taken.has(cell)) taken.get(cell).push(box);
    else taken.set(cell, [box]);
  }
}
