// A list grows in place, and a chosen order applies at once. Without this both are ordinary links.

import { announce } from "./live.js";

async function showMore(link) {
  const grid = link.closest("[data-grid]");
  grid.ariaBusy = "true";
  try {
    const address = new URL(link.href);
    address.searchParams.set("fragment", "grid");
    const response = await fetch(address);
    if (!response.ok) throw new Error(response.status);
    const next = new DOMParser().parseFromString(await response.text(), "text/html");
    const cards = [...next.querySelectorAll("[data-cards] > li")];
    grid.querySelector("[data-cards]").append(...cards);
    const ways = next.querySelector("[data-pagination]");
    const old = grid.querySelector("[data-pagination]");
    if (ways) old.replaceWith(ways);
    else old.remove();
    cards[0]?.querySelector("a")?.focus();
    announce(grid.querySelector("[data-pagination] p")?.textContent ?? "");
  } catch {
    location.assign(link.href);
  } finally {
    grid.ariaBusy = null;
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-more]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  showMore(link);
});

document.querySelector("[data-sort] select")?.addEventListener("change", (event) => event.target.form.requestSubmit());
