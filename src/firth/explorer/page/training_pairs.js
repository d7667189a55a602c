// The pairs that a sentence yields, without a server: words as src/firth/corpus/tokenizers.py (Words) finds them, a line
// a sentence, and every word's company within a window.

const LOOKED_THROUGH = /[\u00ad\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu;
const WORDS = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:['’-][\p{L}\p{N}][\p{L}\p{N}\p{M}]*)*/gu;

/**
 * @param {string} text
 * @param {number} window words to each side
 * @returns {{tokens: string[], pairs: {centre: number, context: number}[]}} positions in tokens
 */
export function trainingPairs(text, window) {
  const tokens = [], pairs = [];
  for (const line of text.normalize("NFC").replace(LOOKED_THROUGH, "").split(/[\n\r]/)) {
    const first = tokens.length;
    for (const [word] of line.matchAll(WORDS)) tokens.push(lowered(word.replaceAll("’", "'")));
    for (let centre = first; centre < tokens.length; centre++) {
      for (let context = Math.max(first, centre - window); context < Math.min(tokens.length, centre + window + 1); context++) {
        if (context !== centre) pairs.push({ centre, context });
      }
    }
  }
  return { tokens, pairs };
}

// Each character by itself, so that Σ becomes σ also at a word's end.
function lowered(word) {
  return Array.from(word, (character) => Array.from(character.toLowerCase())[0]).join("");
}
