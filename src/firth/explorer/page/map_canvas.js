// The points as pixels, written into the memory of a picture by one loop: a vocabulary of hundreds of thousands is drawn
// in a few milliseconds on any machine, with no need of a graphics card. Labels, rings and the lasso stand on a second
// canvas above.

const MARGIN = 12; // pixels drawn beyond the edge, so that dots enter the picture whole
const PHASES = 4; // places within a pixel, in each direction, at which a dot is drawn
const CROWD = 350000; // points in view beyond which dots are whole pixels, two by two
const THRONG = 1000000; // and beyond which they are one

export class MapCanvas {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
    this.stamps = new Map();
    this.resize(1, 1);
  }

  /** Tell the picture's size in its own pixels. */
  resize(width, height) {
    this.width = this.canvas.width = Math.max(1, Math.round(width));
    this.height = this.canvas.height = Math.max(1, Math.round(height));
    this.image = new ImageData(this.width + 2 * MARGIN, this.height + 2 * MARGIN);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.stamps.clear();
  }

  /** Nothing but paper. @param {number} paper */
  clear(paper) {
    this.pixels.fill(paper);
    this.context.putImageData(this.image, -MARGIN, -MARGIN);
  }

  /**
   * Draw all points, the most frequent last so that it lies on top.
   * @param {Object} scene
   * @param {Float32Array} scene.places x and y of each row
   * @param {Uint8Array} scene.colours each row's number in the palette
   * @param {Uint32Array} scene.palette 256 colours as `packed` gives them
   * @param {Uint8Array} [scene.above] 1 for rows to be drawn over all others
   * @param {import("./camera.js").Camera} scene.camera
   * @param {number} scene.ratio the canvas's pixels per camera pixel
   * @param {number} scene.paper the background
   * @param {number} scene.inView about how many points are in view
   * @param {number} scene.first how many rows to draw
   */
  draw({ places, colours, palette, above, camera, ratio, paper, inView, first }) {
    this.pixels.fill(paper);
    // Few dots are large and many are small, so that a crowd keeps its shape: 8 pixels for a hundred, 2.5 for 50,000.
    const diameter = ratio * Math.min(8, Math.max(1.5, 25 * Math.max(1, inView) ** -0.2));
    const view = {
      scale: camera.scale * ratio,
      left: MARGIN + (camera.width / 2 - camera.x * camera.scale) * ratio,
      top: MARGIN + (camera.height / 2 + camera.y * camera.scale) * ratio,
    };
    if (inView > CROWD) this.#grains(places, colours, palette, first, (inView > THRONG ? 1 : 2) * Math.max(1, Math.round(ratio)), view, above ?? null);
    else this.#pass(places, colours, palette, first, diameter, view, above ?? null, 0);
    // What is told apart is drawn larger, or a few words would be lost in a large vocabulary.
    if (above) this.#pass(places, colours, palette, first, Math.min(8, diameter + 2.5 * ratio), view, above, 1);
    this.context.putImageData(this.image, -MARGIN, -MARGIN);
    return diameter / ratio;
  }

  #pass(places, colours, palette, first, diameter, view, above, layer) {
    const stamps = this.#stampsOf(Math.round(2 * diameter) / 2);
    const { scale } = view;
    const left = view.left - stamps.reach, top = view.top - stamps.reach;
    const pixels = this.pixels;
    const across = this.image.width;
    const limitX = across - stamps.side, limitY = this.image.height - stamps.side;
    const { offsets, weights, starts } = stamps;
    for (let row = first - 1; row >= 0; row--) {
      const x = left + places[2 * row] * scale, y = top - places[2 * row + 1] * scale;
      // Written so that a place that is no number is left out, too.
      if (!(x >= 0 && x < limitX && y >= 0 && y < limitY)) continue;
      if (above !== null && above[row] !== layer) continue;
      const wholeX = x | 0, wholeY = y | 0;
      const phase = (((y - wholeY) * PHASES) | 0) * PHASES + (((x - wholeX) * PHASES) | 0);
      const colour = palette[colours[row]];
      const even = colour & 0xff00ff, odd = (colour >>> 8) & 0xff;
      const base = wholeY * across + wholeX;
      for (let at = starts[phase], end = starts[phase + 1]; at < end; at++) {
        const where = base + offsets[at], weight = weights[at], rest = 256 - weight;
        const under = pixels[where];
        // Red and blue are mixed in one multiplication, eight bits of room between them.
        const mixed = ((Math.imul(under & 0xff00ff, rest) + Math.imul(even, weight)) >>> 8) & 0xff00ff;
        const green = (Math.imul((under >>> 8) & 0xff, rest) + Math.imul(odd, weight)) & 0xff00;
        pixels[where] = 0xff000000 | mixed | green;
      }
    }
  }

  // Very many points: each half mixed into a square of whole pixels, which needs no multiplication.
  #grains(places, colours, palette, first, side, { scale, left, top }, above) {
    const pixels = this.pixels;
    const across = this.image.width;
    const limitX = across - side, limitY = this.image.height - side;
    for (let row = first - 1; row >= 0; row--) {
      const x = left + places[2 * row] * scale, y = top - places[2 * row + 1] * scale;
      if (!(x >= 0 && x < limitX && y >= 0 && y < limitY)) continue;
      if (above !== null && above[row] !== 0) continue;
      const half = (palette[colours[row]] >>> 1) & 0x7f7f7f;
      const corner = (y | 0) * across + (x | 0);
      for (let line = corner, end = corner + side * across; line < end; line += across) {
        for (let where = line; where < line + side; where++) pixels[where] = 0xff000000 | (((pixels[where] >>> 1) & 0x7f7f7f) + half);
      }
    }
  }

  // A round dot as the pixels it covers and how much of each, for every place within a pixel.
  #stampsOf(diameter) {
    const known = this.stamps.get(diameter);
    if (known) return known;
    const radius = diameter / 2;
    const side = Math.ceil(diameter) + 2;
    const opacity = diameter < 3 ? 0.62 : 0.86;
    const offsets = [], weights = [], starts = [0];
    for (let phase = 0; phase < PHASES * PHASES; phase++) {
      const x = side / 2 + ((phase % PHASES) + 0.5) / PHASES - 0.5, y = side / 2 + (Math.floor(phase / PHASES) + 0.5) / PHASES - 0.5;
      for (let line = 0; line < side; line++) {
        for (let column = 0; column < side; column++) {
          const inside = radius + 0.5 - Math.hypot(column + 0.5 - x, line + 0.5 - y);
          const weight = Math.round(256 * opacity * Math.min(1, Math.max(0, inside)));
          if (weight > 8) {
            offsets.push(line * this.image.width + column);
            weights.push(weight);
          }
        }
      }
      starts.push(offsets.length);
    }
    const made = { side, reach: side / 2, offsets: Int32Array.from(offsets), weights: Int32Array.from(weights), starts: Int32Array.from(starts) };
    this.stamps.set(diameter, made);
    return made;
  }
}
