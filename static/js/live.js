// Says something to screen readers. It listens to nothing, so that a page may load it twice: once
// under the hashed name of its script tag and once under the plain name of an import.

export function announce(text) {
  const live = document.querySelector("[data-live]");
  live.textContent = "";
  // A screen reader only speaks of a change.
  requestAnimationFrame(() => (live.textContent = text));
}
