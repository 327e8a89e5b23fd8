// Keeps what is typed and not saved, so that it is there after a crash. Without it, Save alone keeps.
const form = document.querySelector("[data-keep]");
let timer;
let sending;

async function keep() {
  timer = null;
  sending?.abort();
  sending = new AbortController();
  try {
    await fetch(form.dataset.keep, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { Accept: "application/json" },
      signal: sending.signal,
    });
  } catch {
    // The next key tries again; what matters still stands in the page.
  }
}

document.addEventListener("input", ({ target }) => {
  if (target.form !== form) return;
  clearTimeout(timer);
  timer = setTimeout(keep, 1500);
});
// Who leaves within those seconds loses nothing either.
addEventListener("pagehide", () => {
  if (timer) navigator.sendBeacon(form.dataset.keep, new URLSearchParams(new FormData(form)));
});
document.addEventListener("submit", () => {
  clearTimeout(timer);
  timer = null;
  sending?.abort();
});
