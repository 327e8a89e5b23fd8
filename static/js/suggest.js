// Suggestions while one types into a search field: an ARIA 1.2 combobox with a list below it. Without
// this, Enter searches; with it too, as long as nothing is chosen.

import { announce } from "./live.js";

const PAUSE = 120; // between two letters
const KEPT = 60; // answers of this page view
const answers = new Map();

class Suggestions {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("input[type=search]");
    this.list = document.createElement("div");
    this.list.id = `${this.input.id}-list`;
    this.list.className = "suggest-list";
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", form.dataset.suggestLabel);
    form.append(this.list);
    for (const [name, value] of Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id,
    })) this.input.setAttribute(name, value);
    this.input.addEventListener("input", () => this.soon());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    form.addEventListener("submit", () => this.close());
    // The field keeps the focus while a suggestion is clicked.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.style();
  }

  style() {
    const href = this.form.dataset.suggestStyle;
    if (document.querySelector(`link[href="${CSS.escape(href)}"]`)) return;
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
    document.head.append(link);
  }

  soon() {
    clearTimeout(this.timer);
    this.asking?.abort();
    const words = this.input.value.trim();
    if (words.length < 2) return this.close();
    this.timer = setTimeout(() => this.ask(words), answers.has(words) ? 0 : PAUSE);
  }

  async ask(words) {
    this.asking = new AbortController();
    try {
      this.show(answers.get(words) ?? (await this.fetch(words, this.asking.signal)));
    } catch (error) {
      if (error.name !== "AbortError") this.close(); // searching works all the same
    }
  }

  async fetch(words, signal) {
    const response = await fetch(`${this.form.dataset.suggest}?${new URLSearchParams({ q: words })}`, { signal });
    if (!response.ok) throw new Error(response.status);
    const html = await response.text();
    if (answers.size >= KEPT) answers.delete(answers.keys().next().value);
    answers.set(words, html);
    return html;
  }

  show(html) {
    if (document.activeElement !== this.input) return;
    this.list.innerHTML = html;
    this.options = [...this.list.querySelectorAll("[role=option]")];
    this.options.forEach((option, i) => (option.id = `${this.input.id}-option-${i}`));
    this.mark(-1);
    this.toggle(this.options.length > 0);
    announce(this.list.firstElementChild.dataset.suggestStatus);
  }

  get isOpen() {
    return !this.list.hidden;
  }

  toggle(isOpen) {
    this.list.hidden = !isOpen;
    this.input.setAttribute("aria-expanded", isOpen);
  }

  close() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.mark(-1);
    this.toggle(false);
  }

  // Past either end the field itself is next.
  mark(place) {
    this.options?.[this.place]?.setAttribute("aria-selected", "false");
    this.place = place;
    const option = this.options?.[place];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.input.setAttribute("aria-activedescendant", option.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !event.altKey) {
      event.preventDefault();
      if (!this.isOpen) return this.soon();
      const count = this.options.length + 1;
      this.mark(((this.place + 1 + step + count) % count) - 1);
    } else if (event.key === "Enter" && !event.isComposing && this.isOpen && this.place >= 0) {
      event.preventDefault();
      this.options[this.place].click();
    } else if (event.key === "Escape" && this.isOpen) {
      event.preventDefault(); // the next one empties the field or closes the drawer
      event.stopPropagation();
      this.close();
    }
  }
}

// A field becomes a combobox when it is first used.
function prepare(event) {
  const form = event.target.closest?.("[data-suggest]");
  if (form && !form.dataset.suggestReady) {
    form.dataset.suggestReady = "yes";
    new Suggestions(form);
  }
}

document.addEventListener("focusin", prepare);
if (document.activeElement) prepare({ target: document.activeElement });
