// The typeface of words in pictures and on the map, from what systems bring along, and how wide a text will be in it.

export const FONT = '"Iowan Old Style", "Palatino Linotype", Palatino, Charter, Georgia, "Liberation Serif", serif';

const context = document.createElement("canvas").getContext("2d");

/** @param {string} text @param {number} [size] @returns {number} pixels */
export function textWidth(text, size = 14) {
  context.font = `${size}px ${FONT}`;
  return context.measureText(text).width;
}
