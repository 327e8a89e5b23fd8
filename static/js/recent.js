// The products this browser looked at lately. The list stays in the browser; the shop is asked for
// their cards alone, with no word of who asks, and keeps nothing of it.

const KEY = "recently-viewed";
const KEPT = 12;
const SHOWN = 4;
const section = document.querySelector("[data-recent]");

function read() {
  try {
    const list = JSON.parse(localStorage.getItem(KEY));
    return Array.isArray(list) ? list.filter((handle) => typeof handle === "string") : [];
  } catch {
    return []; // nothing there, or this browser keeps nothing
  }
}

function write(list) {
  try {
    if (list.length) localStorage.setItem(KEY, JSON.stringify(list.slice(0, KEPT)));
    else localStorage.removeItem(KEY);
  } catch {
    // then it is forgotten, and nothing else is lost
  }
}

async function show(handles) {
  const address = new URL(section.dataset.cards, location.href);
  address.searchParams.set("handles", handles.join(","));
  const headers = { "Accept-Language": document.documentElement.lang };
  const response = await fetch(address, { credentials: "omit", headers });
  if (!response.ok) return;
  const cards = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("ul");
  const found = [...cards.children].map((card) => card.dataset.handle);
  // What the shop no longer has is not asked for again.
  write(read().filter((handle) => found.includes(handle) || !handles.includes(handle)));
  if (!found.length) return;
  section.append(cards);
  section.hidden = false;
}

if (section) {
  const current = section.dataset.recent;
  const others = read().filter((handle) => handle !== current);
  if (current) write([current, ...others]);
  // What the page shows already is not shown twice.
  const unseen = others.filter((handle) => !document.querySelector(`main a[href="/products/${CSS.escape(handle)}"]`));
  if (unseen.length) show(unseen.slice(0, SHOWN)).catch(() => {});
  section.querySelector("[data-recent-clear]").addEventListener("click", () => {
    write([]);
    section.hidden = true;
    document.querySelector("#main")?.focus({ preventScroll: true });
  });
}
