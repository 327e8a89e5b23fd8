// Shows at once how a picture is cropped, and lets all four arrows move its focal point.

const grid = document.querySelector("[data-focal]");
const points = [...grid.querySelectorAll("[name=focal]")];
const COLUMNS = 5;

function show() {
  const [x, y] = points.find((point) => point.checked)?.value.split(",") ?? ["50", "50"];
  for (const picture of document.querySelectorAll("[data-crops] .picture")) {
    const kept = [...picture.classList].filter((name) => !name.startsWith("focal-"));
    picture.className = [...kept, `focal-x-${x}`, `focal-y-${y}`].join(" ");
  }
}

grid.addEventListener("change", show);
grid.addEventListener("keydown", (event) => {
  const at = points.indexOf(event.target);
  const step = { ArrowUp: -COLUMNS, ArrowDown: COLUMNS }[event.key];
  if (at < 0 || !step) return;
  event.preventDefault();
  const next = points[at + step];
  if (!next) return;
  next.checked = true;
  next.focus();
  show();
});
show();
