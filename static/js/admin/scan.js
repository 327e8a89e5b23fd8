// Keeps the scanner's field ready: each Enter is counted without leaving the page. Without it, the
// form does the same and comes back.
const form = document.querySelector("[data-scan]");
const status = document.querySelector("[data-scan-status]");

// One at a time, in the order they were scanned.
let waiting = Promise.resolve();

async function send(body) {
  try {
    const answer = await fetch(form.action, {
      method: "POST", body, headers: { Accept: "application/json" },
    });
    const told = await answer.json();
    status.classList.toggle("is-bad", !answer.ok);
    status.textContent = told.told ?? told.errors?.[0] ?? told.error?.message ?? form.dataset.refused;
  } catch {
    status.classList.add("is-bad");
    status.textContent = form.dataset.refused;
  }
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const { code, units } = form.elements;
  if (!code.value.trim()) return;
  const body = new FormData(form);
  code.value = "";
  units.value = "";
  code.focus();
  waiting = waiting.then(() => send(body));
});
