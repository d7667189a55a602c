// Elements built by hand. Whatever comes from a model becomes a text node or an attribute, never markup: a word may
// hold HTML, change the writing direction, or be ten thousand characters long.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an HTML element.
 * @param {string} name
 * @param {Object<string, any>} [attributes] `on` holds listeners; false, null and undefined leave an attribute out.
 * @param {...(Node|string|number|null|undefined|Array)} children
 * @returns {HTMLElement}
 */
export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/**
 * Make an SVG element, in the same way.
 * @param {string} name
 * @param {Object<string, any>} [attributes]
 * @param {...(Node|string|number|null|undefined|Array)} children
 * @returns {SVGElement}
 */
export function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(made, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "on") for (const [event, listener] of Object.entries(value)) made.addEventListener(event, listener);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, String(value));
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined).map((child) => child instanceof Node ? child : String(child)));
  return made;
}

/**
 * Put new children in place of the old ones.
 * @param {Element} parent
 * @param {...(Node|string|null|undefined)} children
 */
export function replace(parent, ...children) {
  parent.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
}

/**
 * A word of a model, as text that cannot turn its surroundings around: <bdi> isolates its direction.
 * @param {string} text
 * @returns {HTMLElement}
 */
export function wordText(text) {
  return element("bdi", { class: "word", dir: "auto", title: text.length > 24 ? shortened(text, 300) : null }, shortened(text, 400));
}

/**
 * A text cut to some characters, never within one.
 * @param {string} text
 * @param {number} most
 * @returns {string}
 */
export function shortened(text, most) {
  if (text.length <= most) return text;
  const characters = Array.from(text.slice(0, 2 * most + 2));
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}

/**
 * A word for a canvas or a picture: one line, isolated (U+2068 … U+2069), without characters that reorder or break.
 * @param {string} text
 * @param {number} [most]
 * @returns {string}
 */
export function label(text, most = 28) {
  const plain = shortened(text, 4 * most).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ").replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "");
  return `\u2068${shortened(plain, most)}\u2069`;
}
