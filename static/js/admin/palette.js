// Ctrl+K: the box as a dialog with an ARIA 1.2 combobox. Without this it is a form that leads to a page.

const form = document.querySelector("[data-palette]");
const PAUSE = 120; // between two letters
let dialog, input, list, status, timer, asking;
let options = [];
let place = -1;

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

const parts = (pieces) => pieces.map(([text, isMatch]) => (isMatch ? element("mark", {}, text) : text));

function build() {
  const { style, close } = form.dataset;
  document.head.append(element("link", { rel: "stylesheet", href: style }));
  const label = form.querySelector("label").textContent;
  input = element("input", {
    className: "input", type: "search", id: "palette-input", maxLength: 100, autocomplete: "off",
    placeholder: label, ariaLabel: label, role: "combobox", ariaExpanded: "false",
    ariaAutoComplete: "list",
  });
  input.setAttribute("aria-controls", "palette-list");
  list = element("div", { id: "palette-list", role: "listbox", ariaLabel: label, className: "palette" });
  status = element("p", { role: "status", className: "visually-hidden" });
  const closer = element("button", { type: "button", className: "button button--quiet" }, close);
  closer.addEventListener("click", () => dialog.close());
  const head = element("div", { className: "palette__head" }, input, closer);
  dialog = element("dialog", { className: "tool-dialog", ariaLabel: label }, head, list, status);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  input.addEventListener("input", soon);
  input.addEventListener("keydown", key);
  document.body.append(dialog);
}

export function open() {
  if (!dialog) build();
  if (dialog.open) return;
  input.value = "";
  dialog.showModal();
  input.focus();
  ask();
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
}

async function ask() {
  asking?.abort();
  asking = new AbortController();
  const words = new URLSearchParams({ q: input.value.trim() });
  try {
    const response = await fetch(`${form.dataset.palette}?${words}`, {
      headers: { Accept: "application/json" },
      signal: asking.signal,
    });
    if (!response.ok) throw new Error(response.status);
    show((await response.json()).groups);
  } catch (error) {
    if (error.name !== "AbortError") say(form.dataset.failed);
  }
}

function say(sentence) {
  options = [];
  list.replaceChildren(element("p", { className: "palette__none" }, sentence));
  mark(-1);
  status.textContent = sentence;
}

function show(groups) {
  if (!groups.length) return say(form.dataset.none);
  list.replaceChildren(...groups.map(({ title, hits }, number) => {
    const heading = element("div", { className: "palette__title", id: `palette-group-${number}` }, title);
    const group = element("div", { className: "palette__group", role: "group" }, heading, ...hits.map(option));
    group.setAttribute("aria-labelledby", heading.id);
    return group;
  }));
  options = [...list.querySelectorAll("[role=option]")];
  options.forEach((each, number) => (each.id = `palette-option-${number}`));
  status.textContent = form.dataset.hits.replace("{count}", options.length);
  mark(input.value.trim() ? 0 : -1);
}

function option({ title, url, note }) {
  const made = element("a", { href: url, role: "option", tabIndex: -1 }, element("span", {}, ...parts(title)));
  if (note.length) made.append(element("small", {}, ...parts(note)));
  return made;
}

function mark(next) {
  options[place]?.setAttribute("aria-selected", "false");
  place = next;
  input.ariaExpanded = String(options.length > 0);
  const chosen = options[place];
  chosen?.setAttribute("aria-selected", "true");
  chosen?.scrollIntoView({ block: "nearest" });
  if (chosen) input.setAttribute("aria-activedescendant", chosen.id);
  else input.removeAttribute("aria-activedescendant");
}

function key(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && options.length) {
    event.preventDefault();
    mark((place + step + options.length) % options.length);
  } else if (event.key === "Enter" && !event.isComposing) {
    event.preventDefault();
    if (options[place]) options[place].click();
    else if (input.value.trim()) location.assign(`${form.action}?${new URLSearchParams({ q: input.value })}`);
  }
}

if (form) {
  document.documentElement.classList.add("has-keys");
  const hint = form.querySelector("kbd");
  if (/Mac|iP/.test(navigator.platform)) hint.textContent = "⌘ K";
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
}
