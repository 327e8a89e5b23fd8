// Adding to the basket and changing it without leaving the page. The same forms work without this.

import { announce } from "./live.js";

const drawer = document.querySelector("dialog#basket");
const CHANGED = "till-cart-count";

// The count stands in a cookie of its own beside the basket. Pages that everybody shares, pages from
// the back button and pages made in advance show what it says now.
function showCount() {
  const counter = document.querySelector("[data-cart-link]");
  if (!counter) return "";
  const count = Number(/(?:^|; )cart_count=(\d+)/.exec(document.cookie)?.[1] ?? 0);
  const badge = counter.querySelector("[data-cart-count]");
  badge.textContent = count || "";
  badge.hidden = !count;
  counter.setAttribute("aria-label", count ? counter.dataset.label.replace("{count}", count) : counter.dataset.empty);
  return counter.getAttribute("aria-label");
}

function tellOtherTabs() {
  try {
    localStorage.setItem(CHANGED, Date.now());
  } catch {
    // Private windows may refuse; other tabs then show the count on their next page.
  }
}

// The basket lives in one cookie that each answer writes anew. Two posts at once, from two tabs too,
// would overwrite each other; so each waits its turn.
function send(form) {
  return navigator.locks.request("till-cart", async () => {
    const response = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { Accept: "application/json" },
      keepalive: true, // a shopper who is already on the way to the next page loses nothing
      signal: AbortSignal.timeout(20_000),
    });
    return response.json();
  });
}

function openDrawer(html) {
  const isOpen = drawer.open;
  drawer.innerHTML = html;
  if (!isOpen) drawer.showModal();
  drawer.querySelector("h2")?.focus();
}

async function submit(form) {
  const button = form.querySelector("[type=submit]");
  if (button?.ariaBusy === "true") return;
  if (button) button.ariaBusy = "true";
  try {
    const answer = await send(form);
    if (answer.lines_html === undefined) {
      complain(form, answer.error?.message ?? drawer.dataset.failed);
      return;
    }
    form.querySelector("[data-complaint]")?.remove();
    const words = showCount();
    tellOtherTabs();
    openDrawer(answer.lines_html);
    announce(answer.notice || words);
  } catch {
    complain(form, drawer.dataset.failed);
  } finally {
    if (button) button.ariaBusy = null;
  }
}

function complain(form, message) {
  let place = form.querySelector("[data-complaint]");
  if (!place) {
    place = document.createElement("p");
    place.className = "complaint";
    place.dataset.complaint = "";
    form.append(place);
  }
  place.textContent = message;
  place.scrollIntoView({ block: "nearest" }); // the button that stays in sight may be far below
  announce(message);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-add-to-cart], [data-cart-form]") || !navigator.locks) return;
  event.preventDefault();
  submit(form);
});

// One fewer, one more
document.addEventListener("click", (event) => {
  const step = event.target.closest("[data-quantity] [data-step]");
  if (!step) return;
  const input = step.closest("[data-quantity]").querySelector("input");
  const before = input.value;
  if (step.dataset.step === "1") input.stepUp();
  else input.stepDown();
  if (input.value !== before) input.dispatchEvent(new Event("change", { bubbles: true }));
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-cart-form][data-on-change]");
  if (form?.reportValidity()) form.requestSubmit();
});

showCount();
addEventListener("pageshow", showCount);
addEventListener("storage", (event) => event.key === CHANGED && showCount());
document.addEventListener("till:cart", showCount);
document.addEventListener("prerenderingchange", showCount);
