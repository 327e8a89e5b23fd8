// Enlarges a product's picture in a dialog. Without this the same links lead to the largest rendition.

const dialog = document.getElementById("zoom");
const title = dialog.querySelector("h2");
const stage = dialog.querySelector("[data-zoom-stage]");
const image = stage.querySelector("img");
const larger = dialog.querySelector("[data-zoom-in]");
const pan = dialog.querySelector("[data-zoom-pan]");
const steps = [...dialog.querySelectorAll("[data-zoom-step]")];

let links = [];
let at = 0;

const styles = new Promise((resolve) => {
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = dialog.dataset.style;
  sheet.onload = sheet.onerror = resolve;
  document.head.append(sheet);
});

export async function openZoom(link) {
  await styles;
  links = [...link.closest("[data-gallery]").querySelectorAll("a[data-zoom]")];
  steps.forEach((button) => (button.hidden = links.length < 2));
  show(links.indexOf(link));
  dialog.showModal();
  title.focus();
}

// The rendition that the page already has stands there until the largest has come.
function show(number) {
  at = (number + links.length) % links.length;
  goAway();
  const known = links[at].querySelector("picture img");
  image.src = known.currentSrc || known.src;
  image.alt = known.alt;
  image.width = known.getAttribute("width");
  image.height = known.getAttribute("height");
  title.textContent = dialog.dataset.position.replace("{number}", at + 1).replace("{count}", links.length);
  const largest = new Image();
  const address = links[at].href;
  largest.src = address;
  largest.decode().then(() => links[at]?.href === address && (image.src = address)).catch(() => {});
}

function isNear() {
  return stage.classList.contains("is-near");
}

// At least twice as large as it was, with the point that was pressed in the middle.
function goNear(x, y) {
  const frame = stage.getBoundingClientRect();
  const ratio = image.width / image.height;
  const width = Math.min(frame.width, frame.height * ratio);
  const left = frame.left + (frame.width - width) / 2;
  const top = frame.top + (frame.height - width / ratio) / 2;
  const inside = (value) => Math.min(1, Math.max(0, value));
  const across = x === undefined ? 0.5 : inside((x - left) / width);
  const down = y === undefined ? 0.5 : inside((y - top) / (width / ratio));
  const wide = Math.max(image.naturalWidth, width * 2);
  mark(true);
  image.style.inlineSize = `${wide}px`;
  image.style.blockSize = `${wide / ratio}px`;
  stage.scrollTo(across * wide - frame.width / 2, (down * wide) / ratio - frame.height / 2);
}

function goAway() {
  mark(false);
  image.style.inlineSize = image.style.blockSize = "";
}

function mark(near) {
  stage.classList.toggle("is-near", near);
  larger.setAttribute("aria-pressed", near);
  pan.hidden = !near;
}

function move(x, y) {
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  stage.scrollBy({
    left: (x * stage.clientWidth) / 3,
    top: (y * stage.clientHeight) / 3,
    behavior: isCalm ? "instant" : "smooth",
  });
}

dialog.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.zoomStep) show(at + Number(button.dataset.zoomStep));
  else if (button.dataset.x) move(Number(button.dataset.x), Number(button.dataset.y));
  else if (button === larger) isNear() ? goAway() : goNear();
});

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

dialog.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const [x, y] = ARROWS[event.key] ?? [];
  if (event.key === "+") goNear();
  else if (event.key === "-") goAway();
  else if (x === undefined) return;
  else if (isNear()) move(x, y);
  else if (x && links.length > 1) show(at + (getComputedStyle(dialog).direction === "rtl" ? -x : x));
  else return;
  event.preventDefault();
});

dialog.addEventListener("close", () => {
  goAway();
  const link = links[at];
  if (!link?.isConnected) return;
  link.closest("ul").scrollTo({ left: link.offsetLeft - link.closest("ul").offsetLeft, behavior: "instant" });
  link.focus({ preventScroll: true });
});

// A mouse presses once and drags, a finger taps twice and swipes; pinching is the browser's own.
let pressed = null;
let lastTap = 0;

stage.addEventListener("pointerdown", (event) => {
  if (!event.isPrimary) {
    pressed = null;
    return;
  }
  pressed = { x: event.clientX, y: event.clientY, left: stage.scrollLeft, top: stage.scrollTop };
  if (event.pointerType === "mouse") event.preventDefault();
});

stage.addEventListener("pointermove", (event) => {
  if (!pressed || !isNear() || event.pointerType !== "mouse") return;
  stage.scrollTo(pressed.left + pressed.x - event.clientX, pressed.top + pressed.y - event.clientY);
});

stage.addEventListener("pointerup", (event) => {
  if (!pressed) return;
  const [across, down] = [event.clientX - pressed.x, event.clientY - pressed.y];
  pressed = null;
  const isPress = Math.hypot(across, down) < 6;
  const isMouse = event.pointerType === "mouse";
  if (isPress && (isMouse || event.timeStamp - lastTap < 350)) {
    isNear() ? goAway() : goNear(event.clientX, event.clientY);
  } else if (!isPress && !isMouse && !isNear() && Math.abs(across) > 48 && links.length > 1) {
    show(at + ((across < 0) === (getComputedStyle(dialog).direction === "rtl") ? -1 : 1));
  }
  lastTap = isPress ? event.timeStamp : 0;
});

stage.addEventListener("pointercancel", () => (pressed = null));
