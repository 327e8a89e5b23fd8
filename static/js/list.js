// Filters apply as they are chosen, the list grows in place, and in narrow windows the filters are a
// sheet. Without this the same form and the same links load pages.

import { announce } from "./live.js";

const list = document.querySelector("[data-list]");
const sheet = document.querySelector("#filter-sheet");
const toggle = document.querySelector("[data-filters-toggle]");
const isWide = matchMedia("(width > 60rem)");
const part = (name) => document.querySelector(`[data-part="${name}"]`);
const form = () => document.querySelector("[data-filters]");
let fetching;

async function fragment(address, signal) {
  const url = new URL(address, location);
  url.searchParams.set("fragment", "grid");
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(response.status);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

// The address that the form stands for, as readable as a link's.
function chosen() {
  const data = new FormData(form());
  const range = ["price-from", "price-to"].map((name) => (data.get(name) ?? "").trim().replaceAll("-", "–"));
  const pairs = [...data].filter(([name, value]) => value && !name.startsWith("price-"));
  const sort = pairs.filter(([name]) => name === "sort");
  const rest = pairs.filter(([name]) => name !== "sort");
  const currency = data.get("price-currency");
  if (range.join("")) rest.push(["price", range.join("-")], ...(currency ? [["currency", currency]] : []));
  const query = new URLSearchParams([...rest, ...sort]).toString();
  return form().getAttribute("action") + (query && `?${query}`);
}

async function apply(address, isNew = true) {
  fetching?.abort();
  const mine = (fetching = new AbortController());
  const dim = setTimeout(() => (part("main").ariaBusy = "true"), 150);
  if (isNew) history.pushState({ list: true }, "", address);
  try {
    swap(await fragment(address, mine.signal));
    if (isNew) showUnread();
    else await restore();
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address);
  } finally {
    clearTimeout(dim);
    if (fetching === mine) part("main").ariaBusy = null;
  }
}

function swap(next) {
  const used = document.activeElement;
  const again = used.matches("[data-filters] [type=checkbox]")
    ? `[data-filters] [name="${CSS.escape(used.name)}"][value="${CSS.escape(used.value)}"]`
    : used.id && `#${CSS.escape(used.id)}`;
  const wasIn = part("main").contains(document.activeElement);
  const open = new Map([...document.querySelectorAll("[data-group]")].map((one) => [one.dataset.group, one.open]));
  for (const fresh of next.querySelectorAll("[data-part]")) part(fresh.dataset.part)?.replaceChildren(...fresh.childNodes);
  for (const one of document.querySelectorAll("[data-group]")) one.open = open.get(one.dataset.group) ?? one.open;
  const sort = next.querySelector("#sort");
  if (sort) document.getElementById("sort").value = sort.value;
  if (again) document.querySelector(again)?.focus({ preventScroll: true });
  else if (wasIn) (part("main").querySelector("[data-apply]") ?? document.getElementById("sort")).focus({ preventScroll: true });
}

// What was typed last and cannot be read is told beside it, which the sheet may have hidden by now.
function showUnread() {
  const unread = form().querySelector("[aria-invalid]");
  if (!unread || unread.getClientRects().length) return;
  openSheet();
  unread.focus();
}

async function showMore(link) {
  const grid = link.closest("[data-grid]");
  if (grid.ariaBusy === "true") return; // it is coming
  grid.ariaBusy = "true";
  try {
    const first = await append(grid, link.href);
    if (!grid.isConnected) return; // another list stands there by now
    keep({ shown: [...(history.state?.shown ?? []), link.href] });
    first?.querySelector("a")?.focus();
    announce(grid.querySelector("[data-pagination] p")?.textContent ?? "");
  } catch {
    if (grid.isConnected) location.assign(link.href);
  } finally {
    grid.ariaBusy = null;
  }
}

async function append(grid, address) {
  const next = await fragment(address);
  const cards = [...next.querySelectorAll("[data-cards] > li")];
  grid.querySelector("[data-cards]").append(...cards);
  const ways = next.querySelector("[data-pagination]");
  const old = grid.querySelector("[data-pagination]");
  if (ways) old.replaceWith(ways);
  else old.remove();
  return cards[0];
}

// What was shown more, and how far down: the history keeps both with the address, for the way back
// from a product where the browser did not keep the page itself.
function keep(more) {
  history.replaceState({ ...history.state, ...more }, "");
}

async function restore() {
  const { shown, y } = history.state ?? {};
  const grid = document.querySelector("[data-grid]");
  if (!shown || !grid) return;
  grid.ariaBusy = "true";
  try {
    for (const address of shown) await append(grid, address);
  } finally {
    grid.ariaBusy = null;
  }
  if (y && grid.isConnected) scrollTo({ top: y, behavior: "instant" });
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest("[data-more], [data-apply]");
  if (!link) return;
  event.preventDefault();
  if (link.matches("[data-more]")) showMore(link);
  else apply(link.href);
});

document.addEventListener("change", (event) => {
  if (event.target.form?.matches("[data-filters]")) apply(chosen());
});
document.addEventListener("submit", async (event) => {
  if (!event.target.matches("[data-filters]")) return;
  event.preventDefault();
  await apply(chosen());
  if (!form().querySelector("[aria-invalid]")) sheet?.close();
});
addEventListener("popstate", () => list && apply(location.href, false));
addEventListener("pagehide", () => history.state?.shown && keep({ y: scrollY }));
restore().catch(() => {}); // the ways on are still there

function openSheet() {
  sheet.querySelector("[data-sheet-body]").append(form());
  sheet.showModal();
}

toggle?.querySelector("summary").addEventListener("click", (event) => {
  event.preventDefault();
  openSheet();
  sheet.querySelector("h2").focus();
});
sheet?.addEventListener("close", () => {
  part("main").before(form());
  toggle.querySelector("summary").focus({ preventScroll: true });
});
isWide.addEventListener("change", () => sheet?.close());
