// The small controls that views are set with.

import { element, replace, wordText } from "./element.js";

const FOCUSABLE = "input, select, button, a, summary";

/** What a control is called. */
function nameOf(control) {
  return control.getAttribute("aria-label") ?? control.closest("label")?.textContent ?? control.textContent;
}

/**
 * Put new content in place of the old. If the focus was in it, the control of the same name has it then, or the one at
 * the same place, so that whoever goes by keys does not fall out of the page.
 * @param {HTMLElement} host
 * @param {...(Node|string|null|Array)} children
 */
export function exchange(host, ...children) {
  const controls = () => [...host.querySelectorAll(FOCUSABLE)];
  const focused = host.contains(document.activeElement) ? document.activeElement : null;
  const [name, place, caret] = focused ? [nameOf(focused), controls().indexOf(focused), focused.selectionStart] : [];
  replace(host, ...children);
  if (!focused) return;
  const own = controls().filter((one) => one.tagName === focused.tagName);
  const again = own.find((one) => nameOf(one) === name) ?? own.find((one) => one === controls()[place]) ?? controls()[0];
  again?.focus({ preventScroll: true });
  if (typeof caret === "number" && again?.type === "text") again.setSelectionRange(caret, caret);
}

/**
 * A choice among some values.
 * @param {string} label
 * @param {[string, string][]} options value and what is shown
 * @param {string} value
 * @param {(value: string) => void} change
 */
export function choice(label, options, value, change) {
  const select = element("select", { on: { change: (event) => change(event.target.value) } }, options.map(([one, shown]) => element("option", { value: one, selected: one === value }, shown)));
  select.value = value;
  return element("label", { class: "control" }, element("span", { class: "name" }, label), select);
}

/** Yes or no. */
export function tick(label, value, change) {
  const box = element("input", { type: "checkbox", on: { change: (event) => change(event.target.checked) } });
  box.checked = value;
  return element("label", { class: "control tick" }, box, element("span", {}, label));
}

/** A button. */
export function button(label, click, more = {}) {
  return element("button", { type: "button", on: { click }, ...more }, label);
}

/** One line of text, taken when Enter is pressed or the field is left. */
export function textField(label, value, change, more = {}) {
  const field = element("input", { type: "text", class: "field", dir: "auto", autocomplete: "off", spellcheck: "false", ...more });
  field.value = value;
  let last = value;
  const take = () => {
    if (field.value !== last) change((last = field.value));
  };
  field.addEventListener("change", take);
  field.addEventListener("keydown", (event) => event.key === "Enter" && take());
  return element("label", { class: "control wide" }, element("span", { class: "name" }, label), field);
}

/** A message that stands in for a result. */
export function problem(error) {
  return element("p", { class: "problem", role: "alert" }, sentence(error.message));
}

/** A quiet remark. */
export function remark(...text) {
  return element("p", { class: "remark" }, ...text);
}

/** What an answer could not tell of, or null: the words without a vector. */
export function leftOut(unknown) {
  return unknown?.length ? remark("Left out, since the model has no vector for them: ", unknown.slice(0, 20).flatMap((word, at) => [at ? ", " : "", wordText(word)]), unknown.length > 20 ? ` and ${unknown.length - 20} more.` : ".") : null;
}

/** What else an answer tells, a sentence each. */
export function noted(notes) {
  return (notes ?? []).map((note) => element("p", { class: "remark" }, element("bdi", { dir: "auto" }, sentence(note))));
}

function sentence(text) {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…”"]$/.test(whole) ? whole : `${whole}.`;
}
