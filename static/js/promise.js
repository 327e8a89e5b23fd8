// Counts down to the moment until which a date of arrival holds. Without it the moment itself stands.

const NEAR = 12 * 60; // minutes

function words(place) {
  const minutes = Math.floor((Date.parse(place.dateTime) - Date.now()) / 60_000);
  if (minutes < 0 || minutes > NEAR) return place.dataset.moment;
  const form = minutes < 60 ? place.dataset.inMinutes : place.dataset.inHours;
  return form.replace("{hours}", Math.floor(minutes / 60)).replace("{minutes}", minutes % 60);
}

// Words that take another line would move what lies below: then the moment stands.
function put(place, words) {
  const height = place.parentElement.offsetHeight;
  place.textContent = words;
  if (place.parentElement.offsetHeight === height) return;
  place.textContent = place.dataset.moment;
  place.dataset.tooLong = words;
}

function show() {
  for (const place of document.querySelectorAll("[data-order-by]")) {
    place.dataset.moment ??= place.textContent;
    const now = words(place);
    if (now !== place.textContent && now !== place.dataset.tooLong) put(place, now);
  }
}

// Whether words take another line is asked of the layout: not before the page has its first one.
requestAnimationFrame(() => setTimeout(show));
setInterval(show, 15_000);
// Another variant brings its own promise.
new MutationObserver(show).observe(document.querySelector("#main"), { childList: true, subtree: true });
