// Keeps the scanner's field ready: each Enter is counted without leaving the page. Without it, the
// form does the same and comes back.
const form = document.querySelector("[data-scan]");
const status = document.querySelector("[data-scan-status]");
const refused = document.querySelector("[data-scan-refused]");

// One at a time, in the order they were scanned.
let waiting = Promise.resolve();

// What was not counted is told, and stays listed, since the next scan follows at once.
function refuse(body, why) {
  const code = body.get("code");
  const names = why.split(" ").some((word) => word === code || word === `${code}.`);
  const textContent = names ? why : `${code}: ${why}`;
  status.textContent = textContent;
  refused.append(Object.assign(document.createElement("li"), { textContent }));
}

async function send(body) {
  try {
    const answer = await fetch(form.action, {
      method: "POST", body, headers: { Accept: "application/json" },
    });
    const told = await answer.json();
    if (answer.ok) status.textContent = told.told;
    else refuse(body, told.errors?.[0] ?? told.error?.message ?? form.dataset.refused);
  } catch {
    refuse(body, form.dataset.refused);
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
