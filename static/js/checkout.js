// Lets sums and fields follow a choice at once, and sends a payment once. Without it, "Update"
// does the first, and the server the second.

const parts = [...document.querySelectorAll("[data-refresh]")].map((part) => part.dataset.refresh);

function find(root, name) {
  return root.querySelector(`[data-refresh="${name}"]`);
}

/** What was typed while the answer was on its way stays. */
function keepTyped(old, fresh) {
  for (const field of old.querySelectorAll("input[id]")) {
    const same = fresh.querySelector(`#${CSS.escape(field.id)}`);
    if (same) same.value = field.value;
  }
}

function swap(name, answer) {
  const [old, fresh] = [find(document, name), find(answer, name)];
  if (!old || !fresh) return;
  const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
  const bar = old.querySelector("details");
  keepTyped(old, fresh);
  if (bar) fresh.querySelector("details").open = bar.open;
  old.replaceWith(document.adoptNode(fresh));
  if (focused) document.getElementById(focused)?.focus();
}

let running;

async function update(button) {
  running?.abort();
  const { signal } = (running = new AbortController());
  const body = new URLSearchParams(new FormData(button.form));
  if (button.name) body.set(button.name, button.value);
  try {
    const answer = await fetch(button.formAction || button.form.action, {
      method: "POST", body, signal, headers: { Accept: "text/html" },
    });
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!parts.every((name) => find(page, name))) throw new Error("another page");
    for (const name of parts) swap(name, page);
    const live = document.querySelector("[data-live]");
    if (live) live.textContent = document.querySelector("[data-announce]")?.dataset.announce ?? "";
  } catch (error) {
    if (error.name !== "AbortError") button.click(); // the whole page says what is wrong
  }
}

for (const button of document.querySelectorAll("[data-update]")) {
  button.hidden = true;
  const chosen = button.name === "update_country" ? "country" : "shipping_rate_id";
  button.form.addEventListener("change", (event) => {
    if (event.target.name === chosen) update(button);
  });
}

for (const form of document.querySelectorAll("[data-pay]")) {
  form.addEventListener("submit", (event) => {
    if (form.getAttribute("aria-busy") === "true") event.preventDefault();
    else if (event.submitter?.matches("[data-pay-button]")) setBusy(form, true);
  });
  // Back from the payment page the browser shows this page as it was left.
  addEventListener("pageshow", () => setBusy(form, false));
}

function setBusy(form, isBusy) {
  form.setAttribute("aria-busy", isBusy);
  form.querySelector("[data-pay-button]")?.setAttribute("aria-busy", isBusy);
}
