// Changes quantities on the basket page at once; without it, "Update" beside the number does.

const PAUSE = 350; // between two clicks on "+"
let timer;

function prepare(root) {
  for (const button of root.querySelectorAll("[data-cart-line] [data-update]")) button.hidden = true;
}

function placeOf(element) {
  const form = element?.closest("[data-cart-line]");
  return form && { action: form.getAttribute("action"), part: element.getAttribute("aria-label") };
}

function focusOn(place) {
  const form = place && document.querySelector(`[data-cart-line][action="${place.action}"]`);
  const parts = form ? [...form.querySelectorAll("input, button")] : [];
  parts.find((part) => part.getAttribute("aria-label") === place.part)?.focus();
}

function show(html) {
  const place = placeOf(document.activeElement);
  const answer = new DOMParser().parseFromString(html, "text/html");
  for (const part of ["#main", "[data-cart-link]"]) {
    const [old, fresh] = [document.querySelector(part), answer.querySelector(part)];
    if (old && fresh) old.replaceWith(document.adoptNode(fresh));
  }
  prepare(document);
  document.dispatchEvent(new CustomEvent("page:changed"));
  focusOn(place);
  const live = document.querySelector("[data-live]");
  if (live) live.textContent = document.querySelector("[data-announce]")?.dataset.announce ?? "";
}

async function send(form) {
  document.querySelector("[data-cart-page]").setAttribute("aria-busy", "true");
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } });
    show(await answer.text());
  } catch {
    form.submit(); // the browser says what is wrong with the connection
  }
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-cart-line]");
  if (!form) return;
  clearTimeout(timer);
  timer = setTimeout(() => form.isConnected && send(form), PAUSE);
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-cart-line]")) return;
  event.preventDefault();
  clearTimeout(timer);
  send(event.target);
});
prepare(document);
