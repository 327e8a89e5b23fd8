// Hearts and the wishlist's number. Pages are the same for everyone, so a small cookie says whether
// there is a list at all, and its state is asked for once after each change.

import { announce } from "./live.js";

const KEPT = "till-wishlist";
const link = document.querySelector("[data-wishlist-link]");
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

function isOn(form) {
  const { product_id: product, variant_id: variant } = form.elements;
  return product ? state.products.includes(Number(product.value)) : state.variants.includes(Number(variant.value));
}

function show() {
  for (const form of document.querySelectorAll("[data-wish]")) {
    const button = form.querySelector("button");
    button.dataset.off ??= button.ariaLabel;
    const on = isOn(form);
    form.toggleAttribute("data-is-on", on);
    button.ariaLabel = on ? button.dataset.on : button.dataset.off;
  }
  link.querySelector(".tool__count")?.remove();
  link.ariaLabel = state.count ? link.dataset.label.replace("{count}", state.count) : link.dataset.empty;
  if (!state.count) return;
  const badge = document.createElement("span");
  badge.className = "tool__count";
  badge.ariaHidden = "true";
  badge.textContent = state.count;
  link.append(badge);
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-wish]")) return;
  event.preventDefault();
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  try {
    const url = isOn(form) ? `${form.action}/delete` : form.action;
    // The session's cookie is written anew by each answer, the basket's too: they take turns.
    const wait = navigator.locks ? (job) => navigator.locks.request("till-cart", job) : (job) => job();
    state = await wait(() => ask(url, new URLSearchParams(new FormData(form))));
    keep();
    show();
    announce(state.notice);
  } catch (error) {
    if (error.message) announce(error.message);
    form.submit(); // the page says what is wrong
  } finally {
    form.ariaBusy = null;
  }
});

load();
addEventListener("pageshow", (event) => event.persisted && load());
// More cards and other variants come without a new page.
new MutationObserver(show).observe(document.querySelector("#main"), { childList: true, subtree: true });
