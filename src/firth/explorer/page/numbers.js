// Numbers as they are shown.

const whole = new Intl.NumberFormat("en");

/** @param {number|null|undefined} number @returns {string} 12,345 */
export function counted(number) {
  return number === null || number === undefined ? "" : whole.format(number);
}

/** @param {number|null|undefined} number @returns {string} four decimals near 1, fewer where the number is large, − for minus */
export function decimal(number) {
  if (number === null || number === undefined || !Number.isFinite(number)) return "–";
  const size = Math.abs(number);
  const text = size !== 0 && (size < 0.001 || size >= 1e6) ? number.toExponential(2) : number.toFixed(size < 10 ? 4 : size < 1000 ? 2 : 0);
  return text.replace("-", "−");
}

/** @param {number} share 0 … 1 @returns {string} with a decimal where it is small, and none where there is nothing */
export function percent(share) {
  return `${(100 * share).toFixed(share > 0 && share < 0.0995 ? 1 : 0)} %`;
}

/**
 * Round steps for an axis of a picture.
 * @param {number} low
 * @param {number} high
 * @param {number} [about] how many
 * @returns {number[]}
 */
export function ticks(low, high, about = 5) {
  const rough = (high - low || 1) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const found = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step * 1e-9; tick += step) found.push(Math.abs(tick) < step * 1e-9 ? 0 : tick);
  return found;
}

/**
 * A step of an axis as text, without the dust of binary fractions.
 * @param {number} tick
 * @returns {string}
 */
export function tickText(tick) {
  return String(Number(tick.toPrecision(6))).replace("-", "−");
}
