// Arithmetic with words as it is written, "king - man + 0.5*woman", read as src/firth/vectors/expressions.py reads it.

const SIGN = /([+\-−–])(?=\s|$)/y;
const WEIGHT = /(\d+(?:\.\d*)?|\.\d+)\s*\*\s*/y;
const QUOTED = /"([^"]*)"(?=\s|$)/y;
const WORD = /[^\s"]\S*/y;
const BLANKS = /\s*/y;

/**
 * Read an expression.
 * @param {string} text
 * @returns {{word: string, weight: number}[]}
 * @throws {Error} with one sentence where it cannot be read
 */
export function parse(text) {
  let at = 0;
  const take = (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  if (!text.trim()) throw new Error("expected word arithmetic such as “king - man + woman”, got nothing");
  const terms = [];
  take(BLANKS);
  let sign = take(SIGN);
  for (;;) {
    take(BLANKS);
    terms.push(term(take, () => at, sign && sign[1] !== "+" ? -1 : 1, text));
    take(BLANKS);
    if (at === text.length) return terms;
    sign = take(SIGN);
    if (!sign) throw new Error(`expected + or - with a blank on each side at character ${at + 1}; a word with blanks goes between double quotes`);
  }
}

function term(take, position, sign, text) {
  const number = take(WEIGHT);
  const weight = number ? sign * Number(number[1]) : sign;
  if (!(Math.abs(weight) >= 1e-6 && Math.abs(weight) <= 1e6)) throw new Error("expected a weight from 0.000001 to 1000000");
  const quoted = take(QUOTED);
  if (quoted) return { word: quoted[1], weight };
  SIGN.lastIndex = position();
  const word = SIGN.test(text) ? null : take(WORD);
  if (!word) throw new Error(`expected a word at character ${position() + 1}`);
  return { word: word[0], weight };
}

/**
 * A word as it stands in an expression: between double quotes where it must be.
 * @param {string} word
 * @returns {string}
 */
export function written(word) {
  return /\s/.test(word) || /^[+\-−–]$/.test(word) || /^(\d+(\.\d*)?|\.\d+)\s*\*/.test(word) ? `"${word}"` : word;
}
