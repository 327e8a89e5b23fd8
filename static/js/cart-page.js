// Changes quantities on the basket page at once; without it, "Update" beside the number does.

import { announce } from "./live.js";

const PAUSE = 350; // between two clicks on "+"
let timer;

function placeOf(element) {
  const form = element?.closest("[data-cart-line]");
  return form && { action: form.getAttribute("action"), label: element.getAttribute("aria-label") };
}

function focusOn({ action, label }) {
  const parts = [...document.querySelectorAll(`[data-cart-line][action="${action}"] :is(input, button)`)];
  const same = parts.find((part) => part.getAttribute("aria-label") === label);
  (same ?? document.querySelector("#main")).focus();
}

function show(html) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  const main = answer.querySelector("#main");
  if (!main.querySelector("[data-cart-page]")) throw new Error("another page");
  const place = placeOf(document.activeElement);
  document.querySelector("#main").replaceChildren(...main.childNodes);
  const [link, fresh] = [document, answer].map((page) => page.querySelector("[data-cart-link]"));
  link.replaceWith(fresh);
  document.dispatchEvent(new Event("till:cart"));
  if (place) focusOn(place);
  announce(document.querySelector("[data-announce]")?.dataset.announce ?? "");
}

async function post(form) {
  const response = await fetch(form.action, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    headers: { Accept: "text/html" },
    signal: AbortSignal.timeout(20_000),
  });
  return response.text();
}

// The basket lives in one cookie: its changes wait their turn, as in cart.js. Where a browser knows no
// turns, on a site without TLS, they do without.
function inTurn(job) {
  return navigator.locks ? navigator.locks.request("till-cart", job) : job();
}

async function send(form) {
  document.querySelector("[data-cart-page]").ariaBusy = "true";
  try {
    show(await inTurn(() => post(form)));
  } catch {
    form.submit(); // the browser says what is wrong
  }
}

function soon(form) {
  clearTimeout(timer);
  timer = setTimeout(() => form.isConnected && send(form), PAUSE);
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-cart-line]");
  if (form?.reportValidity()) soon(form);
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-cart-line]")) return;
  event.preventDefault();
  soon(event.target);
});
