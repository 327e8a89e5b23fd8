// Keeps the home page up to date. Each answer is one short event stream that ends at once; the
// browser comes again by itself after the time the answer names. Parts in which somebody is at work
// wait for the next time.

const page = document.querySelector("[data-live]");
const sign = document.querySelector("[data-live-sign]");
const off = document.querySelector("[data-live-off]");
const words = document.querySelector("[data-live-words]");
//: Milliseconds until the next try when the shop did not answer; it doubles up to the last.
const FIRST_WAIT = 5000;
const LONGEST_WAIT = 60000;

let source = null;
let timer = 0;
let wait = FIRST_WAIT;

function swap(text) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  for (const part of page.querySelectorAll("[data-part]")) {
    const newer = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!newer || newer.isEqualNode(part)) continue;
    if (part.contains(document.activeElement) || part.querySelector("details[open]")) continue;
    tellOfOrders(part, newer);
    part.replaceWith(newer);
  }
}

function tellOfOrders(part, newer) {
  const first = (each) => each.querySelector("tbody th a")?.getAttribute("href");
  if (part.dataset.part !== "orders" || first(part) === first(newer)) return;
  words.textContent = "";
  requestAnimationFrame(() => (words.textContent = words.dataset.newOrder));
}

function show(isLive) {
  sign.hidden = !isLive;
  off.hidden = isLive;
}

function open() {
  close();
  source = new EventSource(page.dataset.live);
  source.addEventListener("open", () => {
    wait = FIRST_WAIT;
    show(true);
  });
  source.addEventListener("home", (event) => swap(event.data));
  source.addEventListener("error", () => {
    // The end of an answer is no error: then the browser is connecting again already.
    if (source.readyState !== EventSource.CLOSED) return;
    show(false);
    timer = setTimeout(open, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  });
}

function close() {
  clearTimeout(timer);
  source?.close();
  source = null;
}

document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
addEventListener("pagehide", close);
if (!document.hidden) open();
