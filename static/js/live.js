// Says something to screen readers.

export function announce(text) {
  const live = document.querySelector("[data-live]");
  live.textContent = "";
  // A screen reader only speaks of a change.
  requestAnimationFrame(() => (live.textContent = text));
}
