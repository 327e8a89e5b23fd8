// Keys for those who like them. Letters alone count only outside fields, and not for who switched them
// off; Ctrl+S saves and Ctrl+Enter sends from inside a field too.

import { open } from "./palette.js";

const box = document.querySelector("[data-palette]");
const places = JSON.parse(box?.dataset.go || "null");
const PATIENCE = 1500; // milliseconds between g and the next letter
let goesUntil = 0;
let sheet;

const isTyping = (target) =>
  target.isContentEditable || target.matches?.("input:not([type=checkbox], [type=radio]), textarea, select");
const rows = () => [...document.querySelectorAll(".list-table tbody tr")].filter((row) => row.querySelector("a"));
const linkOf = (row) => row.querySelector("th a") ?? row.querySelector("a");

// The focus goes from row to row, so that Enter opens and a screen reader tells where one is.
function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.contains(document.activeElement));
  const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  linkOf(next).focus();
  next.scrollIntoView({ block: "nearest" });
}

function select() {
  const row = rows().find((each) => each.contains(document.activeElement));
  row?.querySelector("input[type=checkbox]")?.click();
}

function search() {
  const field = document.querySelector("#list-search");
  if (field) field.select();
  else open();
}

async function help() {
  if (!sheet) {
    const response = await fetch(box.dataset.keys, { headers: { Accept: "text/html" } });
    if (!response.ok) return location.assign(box.dataset.keys);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    sheet = document.createElement("dialog");
    sheet.className = "tool-dialog";
    sheet.setAttribute("aria-labelledby", "keys-heading");
    sheet.append(page.querySelector("[data-sheet]"));
    const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: box.dataset.style });
    const close = Object.assign(document.createElement("button"), {
      type: "button", className: "button button--secondary", textContent: box.dataset.close,
    });
    close.addEventListener("click", () => sheet.close());
    sheet.querySelector(".tool-dialog__actions").prepend(close);
    sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
    document.head.append(style);
    document.body.append(sheet);
  }
  if (!sheet.open) sheet.showModal();
  const heading = sheet.querySelector("h2");
  heading.tabIndex = -1;
  heading.focus();
}

function save() {
  const form = document.activeElement?.form?.matches("[data-guard]")
    ? document.activeElement.form
    : document.querySelector("form[data-guard]");
  const button = [...(form?.elements ?? [])].find((each) => each.type === "submit" && !each.hasAttribute("formaction") && !each.name);
  if (!form) return false;
  form.requestSubmit(button);
  return true;
}

const KEYS = { "/": search, "?": help, j: () => step(1), k: () => step(-1), x: select };

document.addEventListener("keydown", (event) => {
  const isControl = event.ctrlKey || event.metaKey;
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  if (isControl && event.key.toLowerCase() === "s" && save()) return event.preventDefault();
  if (isControl && event.key === "Enter") {
    const form = event.target.closest?.("dialog form");
    if (form) form.requestSubmit();
  }
  if (isControl || !places || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const isGoing = Date.now() < goesUntil;
  goesUntil = 0;
  if (isGoing && places[event.key]) {
    event.preventDefault();
    location.assign(places[event.key]);
  } else if (event.key === "g") {
    goesUntil = Date.now() + PATIENCE;
  } else if (KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key]();
  }
});

for (const form of document.querySelectorAll("form[data-guard]")) {
  const buttons = [...form.elements].filter((each) => each.type === "submit" && !each.hasAttribute("formaction"));
  buttons.at(-1)?.setAttribute("aria-keyshortcuts", "Control+S");
}
if (places) document.querySelector("#list-search")?.setAttribute("aria-keyshortcuts", "/");
