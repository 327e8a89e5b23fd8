// Choosing a variant without a new page, the gallery's current picture, and the small buy bar.

import { announce } from "./live.js";

const bar = document.querySelector("[data-buy-bar]");
let loading;
// A selector of what was chosen while another choice loads: its own link still means the one before.
let waiting;

// `control`: a selector of what was used, to focus what stands in its place.
async function choose(place, control) {
  loading?.abort();
  const mine = (loading = new AbortController());
  const product = document.querySelector("[data-product]");
  const busy = setTimeout(() => (product.ariaBusy = "true"), 150);
  try {
    const address = new URL(place);
    address.searchParams.set("fragment", "product");
    const response = await fetch(address, { signal: mine.signal });
    if (!response.ok) throw new Error(response.status);
    replace(product, await response.text());
    const shown = new URL(response.url);
    shown.searchParams.delete("fragment");
    history.replaceState(history.state, "", shown);
    document.querySelector(control)?.focus({ preventScroll: true });
  } catch (error) {
    if (error.name !== "AbortError") location.assign(place);
  } finally {
    clearTimeout(busy);
    product.ariaBusy = null;
  }
  if (loading !== mine) return;
  loading = undefined;
  const then = waiting;
  waiting = undefined;
  if (then) document.querySelector(then)?.click();
}

// What the shopper had set stays: the quantity, and which details are open.
function replace(product, html) {
  const next = new DOMParser().parseFromString(html, "text/html").querySelector("[data-product]");
  const quantity = product.querySelector("[name=quantity]")?.value;
  const input = next.querySelector("[name=quantity]");
  if (quantity && input) input.value = Math.min(quantity, input.max);
  const open = [...product.querySelectorAll(".buy details")].map((details) => details.open);
  next.querySelectorAll(".buy details").forEach((details, i) => (details.open = open[i] ?? details.open));
  product.replaceWith(next);
  document.title = next.dataset.title;
  watch(next);
  const words = [".price", "[data-stock]"].map((part) => next.querySelector(part)?.textContent.trim());
  announce(words.filter(Boolean).join(", "));
}

document.addEventListener("change", ({ target }) => {
  const option = target.dataset.variantSelect;
  if (option === undefined) return;
  const address = new URL(target.form.action);
  address.searchParams.set("variant_id", target.value);
  choose(address, `[data-variant-select="${CSS.escape(option)}"]`);
});

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const picture = event.target.closest("a[data-zoom]");
  if (picture) {
    event.preventDefault();
    import("./zoom.js").then(({ openZoom }) => openZoom(picture)).catch(() => location.assign(picture.href));
    return;
  }
  const link = event.target.closest("[data-variant-link]");
  if (link) {
    event.preventDefault();
    const control = `[data-variant-link="${CSS.escape(link.dataset.variantLink)}"]`;
    if (loading) waiting = control;
    else if (!link.ariaCurrent) choose(link.href, control);
    return;
  }
  const thumb = event.target.closest(".gallery__thumbs a[href^='#picture-']");
  if (!thumb) return;
  event.preventDefault();
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  document
    .querySelector(thumb.getAttribute("href"))
    ?.scrollIntoView({ block: "nearest", inline: "start", behavior: isCalm ? "instant" : "smooth" });
});

let seeing, scrolling;

function watch(product) {
  seeing?.disconnect();
  scrolling?.disconnect();
  const pictures = product.querySelector(".gallery__pictures");
  seeing = new IntersectionObserver(
    (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => markThumb(product, entry.target.id)),
    { root: pictures, threshold: 0.6 },
  );
  pictures.querySelectorAll("li[id]").forEach((picture) => seeing.observe(picture));

  const form = product.querySelector("[data-add-to-cart]");
  const canBuy = Boolean(form.querySelector("[type=submit]:enabled"));
  bar.querySelector("[data-buy-bar-price]").replaceChildren(product.querySelector(".price").cloneNode(true));
  bar.querySelector("[data-buy-bar-words]").textContent = product.dataset.words;
  // All that is below the window counts as seen, so that only a form above it is out of sight.
  scrolling = new IntersectionObserver(([entry]) => (bar.hidden = !canBuy || entry.isIntersecting), {
    rootMargin: "0px 0px 100000px 0px",
  });
  scrolling.observe(form);
}

function markThumb(product, id) {
  for (const thumb of product.querySelectorAll(".gallery__thumbs a")) {
    thumb.ariaCurrent = thumb.getAttribute("href") === `#${id}` ? "true" : null;
  }
}

bar.querySelector("[data-buy-bar-button]").addEventListener("click", () => {
  document.querySelector("[data-add-to-cart]").requestSubmit();
});
watch(document.querySelector("[data-product]"));
