// Good news goes by at the foot of the window; what went wrong stays where it is written.

const SECONDS = 8;
const kept = document.querySelector(".admin-page__messages");
const passing = kept ? [...kept.querySelectorAll(".flash--ok, .flash--info")] : [];

function pass(message) {
  let left = SECONDS * 1000 + (message.querySelector("form, a") ? 7000 : 0);
  let timer;
  let since = 0;
  const close = () => message.remove();
  const go = () => {
    since = Date.now();
    clearTimeout(timer);
    timer = setTimeout(close, left);
  };
  const wait = () => {
    clearTimeout(timer);
    left = Math.max(left - (Date.now() - since), 3000);
  };
  const button = Object.assign(document.createElement("button"), { type: "button", className: "toasts__close" });
  button.setAttribute("aria-label", document.querySelector("[data-palette]").dataset.close);
  button.textContent = "✕";
  button.addEventListener("click", close);
  message.append(button);
  message.addEventListener("pointerenter", wait);
  message.addEventListener("focusin", wait);
  message.addEventListener("pointerleave", () => message.contains(document.activeElement) || go());
  message.addEventListener("focusout", () => message.matches(":hover") || go());
  document.addEventListener("visibilitychange", () => (document.hidden ? wait() : go()));
  go();
}

if (passing.length) {
  const corner = Object.assign(document.createElement("div"), { className: "toasts" });
  document.querySelector("main").append(corner);
  for (const message of passing) {
    corner.append(message);
    pass(message);
  }
  if (!kept.children.length) kept.remove();
}
