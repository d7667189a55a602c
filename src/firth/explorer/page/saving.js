// What is seen, as a file: SVG, PNG, CSV.

/**
 * Hand a file to the reader.
 * @param {string} name
 * @param {Blob} content
 */
export function save(name, content) {
  const address = URL.createObjectURL(content);
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

/** @param {SVGElement} picture @returns {Blob} */
export function svgBlob(picture) {
  const copy = picture.cloneNode(true);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return new Blob([new XMLSerializer().serializeToString(copy).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "\ufffd")], { type: "image/svg+xml" });
}

/**
 * The same picture in pixels, twice as many as it measures.
 * @param {SVGElement} picture with width and height
 * @returns {Promise<Blob>}
 */
export async function pngBlob(picture, scale = 2) {
  const address = URL.createObjectURL(svgBlob(picture));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = Number(picture.getAttribute("width")) * scale;
    canvas.height = Number(picture.getAttribute("height")) * scale;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((done, failed) => canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("The picture is too large for this browser."))), "image/png"));
  } finally {
    URL.revokeObjectURL(address);
  }
}

/**
 * A table as spreadsheets read it. A field that a spreadsheet would take for a formula is a word here: it gets an
 * apostrophe in front.
 * @param {string[]} columns
 * @param {(string|number|null)[][]} rows
 * @returns {Blob}
 */
export function csvBlob(columns, rows) {
  const field = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return new Blob([[columns, ...rows].map((row) => row.map(field).join(",")).join("\r\n"), "\r\n"], { type: "text/csv;charset=utf-8" });
}
