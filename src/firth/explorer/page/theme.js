// Light or dark: what the system asks for, unless the reader has chosen; the choice is remembered where that is allowed.

import { DARK, LIGHT } from "./palette.js";

const KEY = "firth-theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set();

function remembered() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // a file opened from disk, or storage switched off
  }
}

let choice = remembered();

/** @returns {import("./palette.js").Palette} */
export function palette() {
  return (choice ?? (system.matches ? "dark" : "light")) === "dark" ? DARK : LIGHT;
}

function apply() {
  document.documentElement.dataset.theme = palette().dark ? "dark" : "light";
  for (const listener of listeners) listener(palette());
}

/** Change from light to dark or back. */
export function switchTheme() {
  choice = palette().dark ? "light" : "dark";
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // It is forgotten with the page, then.
  }
  apply();
}

/**
 * Be told when the colours change.
 * @param {(palette: import("./palette.js").Palette) => void} listener
 * @returns {() => void} stops it
 */
export function onTheme(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

system.addEventListener("change", apply);
apply();
