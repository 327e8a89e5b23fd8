// Pictures added, dropped and put in order in place. The same forms work without this.

import { uploadEach } from "./upload.js";

const panel = document.querySelector("[data-pictures]");
const said = panel.querySelector("[data-progress]");
const list = () => panel.querySelector(".pictures");
const items = () => [...list().children];

// The list as the server has it now, with what was typed into the old one and is not saved yet.
async function refresh() {
  const response = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  if (!response.ok) throw new Error(response.status);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const next = page.querySelector(".pictures");
  for (const typed of list().querySelectorAll("input[form=edit]")) {
    const field = next.querySelector(`[name="${CSS.escape(typed.name)}"]`);
    if (field) field.value = typed.value;
  }
  list().replaceWith(next);
}

const upload = panel.querySelector("[data-upload]");
uploadEach(upload, () => refresh().catch(() => location.reload()));

async function saveOrder(item) {
  const { order, moved, failed } = list().dataset;
  const body = new URLSearchParams(items().map((each) => ["image_id", each.dataset.image]));
  try {
    const response = await fetch(order, {
      method: "POST",
      body,
      headers: { Accept: "application/json" },
      redirect: "manual",
    });
    if (response.type !== "opaqueredirect" && !response.ok) {
      said.textContent = (await response.json()).error.message;
      return;
    }
    await refresh();
    const number = items().findIndex((each) => each.dataset.image === item.dataset.image) + 1;
    said.textContent = moved.replace("{number}", number).replace("{count}", items().length);
  } catch {
    said.textContent = failed;
  }
}

panel.addEventListener("submit", async (event) => {
  const { direction } = event.submitter?.name === "direction" ? { direction: event.submitter.value } : {};
  const item = event.target.closest("[data-image]");
  if (!direction || !item) return;
  event.preventDefault();
  if (direction === "up") item.previousElementSibling?.before(item);
  else item.nextElementSibling?.after(item);
  await saveOrder(item);
  const buttons = list().querySelectorAll(`[data-image="${item.dataset.image}"] [name=direction]`);
  const [same, other] = direction === "up" ? buttons : [...buttons].reverse();
  (same?.disabled ? other : same)?.focus();
});

let dragged = null;
let before = "";
const order = () => items().map((item) => item.dataset.image).join();

panel.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-image]") ?? null;
  if (!dragged) return;
  before = order();
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setDragImage(dragged, 20, 20);
  requestAnimationFrame(() => dragged?.classList.add("is-dragged"));
});

panel.addEventListener("dragover", (event) => {
  const over = event.target.closest?.("[data-image]");
  if (!dragged || !over) return;
  event.preventDefault();
  if (over === dragged) return;
  const { top, height } = over.getBoundingClientRect();
  if (event.clientY < top + height / 2) over.before(dragged);
  else over.after(dragged);
});

panel.addEventListener("drop", (event) => dragged && event.preventDefault());

panel.addEventListener("dragend", () => {
  if (!dragged) return;
  dragged.classList.remove("is-dragged");
  if (order() !== before) saveOrder(dragged);
  dragged = null;
});
