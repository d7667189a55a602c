// Where one is stands behind the # of the address, so that every view can be shared and the browser's back button works.

/**
 * @typedef {Object} Place
 * @property {string} view the view's name, "map" where none is given
 * @property {URLSearchParams} parameters the view's own state
 */

/**
 * Read the place out of an address.
 * @param {string} [fragment]
 * @returns {Place}
 */
export function placeOf(fragment = location.hash) {
  const [path, query = ""] = splitOnce(fragment.replace(/^#\/?/, ""), "?");
  return { view: path || "map", parameters: new URLSearchParams(query) };
}

function splitOnce(text, at) {
  const where = text.indexOf(at);
  return where < 0 ? [text] : [text.slice(0, where), text.slice(where + 1)];
}

/**
 * The fragment of a place. Lists are parameters that repeat, since a word may hold a comma.
 * @param {string} view
 * @param {URLSearchParams|Object<string, any>} parameters null, "" and empty lists are left out
 * @returns {string}
 */
export function addressOf(view, parameters = {}) {
  const query = parameters instanceof URLSearchParams ? parameters : new URLSearchParams();
  if (!(parameters instanceof URLSearchParams)) {
    for (const [key, value] of Object.entries(parameters)) {
      for (const one of Array.isArray(value) ? value : [value]) if (one !== null && one !== undefined && one !== "") query.append(key, one);
    }
  }
  const text = query.toString();
  return `#/${view}${text ? `?${text}` : ""}`;
}

/**
 * The parameters with some of them changed.
 * @param {URLSearchParams} parameters
 * @param {Object<string, any>} changes
 * @returns {URLSearchParams}
 */
export function changed(parameters, changes) {
  const result = new URLSearchParams(parameters);
  for (const [key, value] of Object.entries(changes)) {
    result.delete(key);
    for (const one of Array.isArray(value) ? value : [value]) if (one !== null && one !== undefined && one !== "") result.append(key, one);
  }
  return result;
}
