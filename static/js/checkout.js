// Lets sums and fields follow a choice at once; without it, "Update" beside the choice does.

import { announce } from "./live.js";

const parts = [...document.querySelectorAll("[data-refresh]")].map((part) => part.dataset.refresh);
let running;

function find(root, name) {
  return root.querySelector(`[data-refresh="${name}"]`);
}

// What was typed while the answer was on its way stays.
function keepTyped(old, fresh) {
  for (const field of old.querySelectorAll("input[id], select[id]")) {
    const same = fresh.querySelector(`#${CSS.escape(field.id)}`);
    if (same) same.value = field.value;
  }
}

function swap(name, page) {
  const [old, fresh] = [find(document, name), find(page, name)];
  const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
  const [bar, freshBar] = [old, fresh].map((part) => part.querySelector("details"));
  if (bar) freshBar.open = bar.open;
  keepTyped(old, fresh);
  old.replaceWith(document.adoptNode(fresh));
  if (focused) document.getElementById(focused)?.focus();
}

async function ask(button, signal) {
  const body = new URLSearchParams(new FormData(button.form));
  if (button.name) body.set(button.name, button.value);
  const url = button.hasAttribute("formaction") ? button.formAction : button.form.action;
  const answer = await fetch(url, { method: "POST", body, signal, headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!answer.ok || !parts.every((name) => find(page, name))) throw new Error("another page");
  return page;
}

async function update(button) {
  running?.abort();
  running = new AbortController();
  try {
    const page = await ask(button, running.signal);
    for (const name of parts) swap(name, page);
    const told = document.querySelector("[data-announce]");
    if (told) announce(told.dataset.announce);
  } catch (error) {
    if (error.name !== "AbortError") button.click(); // the whole page says what is wrong
  }
}

for (const button of document.querySelectorAll("[data-update]")) {
  const chosen = button.name === "update_country" ? "country" : "shipping_rate_id";
  button.form.addEventListener("change", (event) => {
    if (event.target.name === chosen) update(button);
  });
}
