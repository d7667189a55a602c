// Wheel, mouse, fingers and keys on the map, turned into movements of the camera.

/**
 * @typedef {Object} Listener
 * @property {() => void} moved the camera has changed
 * @property {(x: number, y: number) => void} hover
 * @property {() => void} left the pointer is gone
 * @property {(x: number, y: number) => void} choose a click or a tap
 * @property {() => boolean} drawing whether a drag draws the lasso
 * @property {(loop: [number, number][], done: boolean) => void} loop the lasso so far, in pixels
 */

const STEP = 60; // pixels that an arrow key moves the map by

/**
 * Listen on a canvas until the signal says to stop.
 * @param {HTMLElement} canvas
 * @param {import("./camera.js").Camera} camera
 * @param {Listener} listener
 * @param {AbortSignal} signal
 */
export function listen(canvas, camera, listener, signal) {
  /** @type {Map<number, [number, number]>} */
  const fingers = new Map();
  let travelled = 0;
  /** @type {[number, number][]|null} */
  let loop = null;
  const on = (event, handler, options = {}) => canvas.addEventListener(event, handler, { signal, ...options });
  const placeOf = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  on("wheel", (event) => {
    event.preventDefault();
    // A wheel may count in lines or pages; browsers send ctrl with a pinch on a touchpad, in smaller steps.
    const lines = event.deltaY * (event.deltaMode === 1 ? 18 : event.deltaMode === 2 ? 300 : 1);
    camera.zoomAt(Math.exp(-Math.min(Math.max(lines, -300), 300) * (event.ctrlKey ? 0.01 : 0.0018)), ...placeOf(event));
    listener.moved();
  }, { passive: false });

  on("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, placeOf(event));
    if (fingers.size > 1) loop = null;
    else {
      travelled = 0;
      loop = listener.drawing() || event.shiftKey ? [placeOf(event)] : null;
    }
  });

  on("pointermove", (event) => {
    const [x, y] = placeOf(event);
    const before = fingers.get(event.pointerId);
    if (!before) {
      if (event.pointerType !== "touch") listener.hover(x, y);
      return;
    }
    travelled += Math.hypot(x - before[0], y - before[1]);
    if (loop) {
      loop.push([x, y]);
      listener.loop(loop, false);
    } else if (fingers.size === 2) {
      const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
      const apart = ([a, b]) => Math.hypot(a - other[0], b - other[1]);
      camera.pan((x - before[0]) / 2, (y - before[1]) / 2);
      camera.zoomAt(apart([x, y]) / Math.max(1, apart(before)), (x + other[0]) / 2, (y + other[1]) / 2);
      listener.moved();
    } else {
      camera.pan(x - before[0], y - before[1]);
      listener.moved();
    }
    fingers.set(event.pointerId, [x, y]);
  });

  const lifted = (event) => {
    if (!fingers.delete(event.pointerId)) return;
    if (loop) {
      listener.loop(loop, true);
      loop = null;
    } else if (event.type === "pointerup" && travelled < 6 && !fingers.size) listener.choose(...placeOf(event));
  };
  on("pointerup", lifted);
  on("pointercancel", lifted);
  on("pointerleave", () => listener.left());

  on("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const far = event.shiftKey ? 4 * STEP : STEP;
    const [middleX, middleY] = [camera.width / 2, camera.height / 2];
    const keys = {
      ArrowLeft: () => camera.pan(far, 0),
      ArrowRight: () => camera.pan(-far, 0),
      ArrowUp: () => camera.pan(0, far),
      ArrowDown: () => camera.pan(0, -far),
      "+": () => camera.zoomAt(1.4, middleX, middleY),
      "=": () => camera.zoomAt(1.4, middleX, middleY),
      "-": () => camera.zoomAt(1 / 1.4, middleX, middleY),
      0: () => camera.fit(),
    };
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      listener.choose(middleX, middleY, Infinity);
    } else if (keys[event.key]) {
      event.preventDefault();
      keys[event.key]();
      listener.moved(true);
    }
  });
}
