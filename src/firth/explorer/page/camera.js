// Which part of the plane is seen: a point of the plane in the middle of the picture, and pixels per unit. y points up.

/** @typedef {{left: number, right: number, bottom: number, top: number}} Box in the plane's units */

export class Camera {
  constructor() {
    this.x = 0;
    this.y = 0;
    this.scale = 1;
    this.width = 1;
    this.height = 1;
    /** @type {Box} what "everything" means */
    this.whole = { left: -1, right: 1, bottom: -1, top: 1 };
  }

  /** Tell the picture's size in pixels. */
  resize(width, height) {
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
  }

  /** The scale at which everything is just seen. */
  get fitting() {
    const { left, right, bottom, top } = this.whole;
    return 0.92 * Math.min(this.width / (right - left || 1), this.height / (top - bottom || 1));
  }

  /** How much nearer than that the camera is. */
  get zoom() {
    return this.scale / this.fitting;
  }

  /** See everything. */
  fit() {
    const { left, right, bottom, top } = this.whole;
    this.x = (left + right) / 2;
    this.y = (bottom + top) / 2;
    this.scale = this.fitting;
  }

  /** Look at a place. */
  lookAt(x, y, zoom) {
    this.x = x;
    this.y = y;
    this.scale = this.fitting * Math.min(Math.max(zoom, 0.2), 1e5);
  }

  /** Move the picture by pixels. */
  pan(right, down) {
    this.x -= right / this.scale;
    this.y += down / this.scale;
  }

  /** Come nearer by a factor, so that what is under a pixel stays under it. */
  zoomAt(factor, pixelX, pixelY) {
    const [x, y] = this.toPlane(pixelX, pixelY);
    this.scale = this.fitting * Math.min(Math.max(this.zoom * factor, 0.2), 1e5);
    this.x = x - (pixelX - this.width / 2) / this.scale;
    this.y = y + (pixelY - this.height / 2) / this.scale;
  }

  /** @returns {[number, number]} */
  toPlane(pixelX, pixelY) {
    return [this.x + (pixelX - this.width / 2) / this.scale, this.y - (pixelY - this.height / 2) / this.scale];
  }

  /** @returns {[number, number]} */
  toPixels(x, y) {
    return [this.width / 2 + (x - this.x) * this.scale, this.height / 2 - (y - this.y) * this.scale];
  }

  /** @returns {Box} */
  get seen() {
    const [left, top] = this.toPlane(0, 0);
    const [right, bottom] = this.toPlane(this.width, this.height);
    return { left, right, bottom, top };
  }
}
