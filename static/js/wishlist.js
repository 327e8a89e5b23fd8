// Hearts and the wishlist's number. Pages are the same for everyone, so a small cookie says whether
// there is a list at all, and its state is asked for once after each change.

import { announce } from "./live.js";

const KEPT = "till-wishlist";
const link = document.querySelector("[data-wishlist-link]");
const form = document.querySelector("#wish");
let state = { count: 0, products: [], variants: [] };

function hint() {
  return document.cookie.match(/(?:^|; )wishlist=([^;]+)/)?.[1];
}

function kept(now) {
  try {
    const [of, found] = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
    return of === now ? found : undefined;
  } catch {
    return undefined;
  }
}

function keep() {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify([hint(), state]));
  } catch {
    // Private windows may refuse; the next page asks again.
  }
}

async function load() {
  const now = hint();
  if (!now) return;
  state = kept(now) ?? (await ask("/wishlist/state")) ?? state;
  keep();
  show();
}

async function ask(url, body) {
  const answer = await fetch(url, {
    method: body ? "POST" : "GET",
    body,
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout(20_000),
  });
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.error?.message);
  return found;
}

function isOn({ name, value }) {
  return state[name === "product_id" ? "products" : "variants"].includes(Number(value));
}

// The one sentence in place of the other, of the same product.
function inWords(heart, before, after) {
  const [start, end] = form.dataset[before].split("{product}");
  const product = heart.ariaLabel.slice(start.length, heart.ariaLabel.length - end.length);
  return form.dataset[after].replace("{product}", () => product);
}

function show() {
  for (const heart of document.querySelectorAll(".heart")) {
    const on = isOn(heart);
    if (on === heart.hasAttribute("data-is-on")) continue;
    heart.toggleAttribute("data-is-on", on);
    heart.ariaLabel = on ? inWords(heart, "off", "on") : inWords(heart, "on", "off");
  }
  link.querySelector(".tool__count")?.remove();
  const { empty, one, label } = link.dataset;
  link.ariaLabel = [empty, one][state.count] ?? label.replace("{count}", state.count);
  if (!state.count) return;
  const badge = document.createElement("span");
  badge.className = "tool__count";
  badge.ariaHidden = "true";
  badge.textContent = state.count;
  link.append(badge);
}

form?.addEventListener("submit", async (event) => {
  const heart = event.submitter;
  if ("failed" in heart.dataset) return; // the page says what is wrong
  event.preventDefault();
  if (heart.ariaBusy === "true") return;
  heart.ariaBusy = "true";
  try {
    const url = isOn(heart) ? `${form.action}/delete` : form.action;
    // The session's cookie is written anew by each answer, the basket's too: they take turns.
    const wait = navigator.locks ? (job) => navigator.locks.request("till-cart", job) : (job) => job();
    state = await wait(() => ask(url, new URLSearchParams(new FormData(form, heart))));
    keep();
    show();
    announce(state.notice);
  } catch (error) {
    if (error.message) announce(error.message);
    heart.dataset.failed = "";
    form.requestSubmit(heart);
  } finally {
    heart.ariaBusy = null;
  }
});

load();
addEventListener("pageshow", (event) => event.persisted && load());
// More cards and other variants come without a new page.
new MutationObserver(show).observe(document.querySelector("#main"), { childList: true, subtree: true });
