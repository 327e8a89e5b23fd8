// Kinder forms: the summary of faults has the focus, a fault goes away once it is corrected, and a
// second click does not send twice.

document.querySelector("[data-focus]")?.focus();

document.addEventListener("input", (event) => {
  const field = event.target.closest("[aria-invalid]");
  if (!field || !event.target.validity?.valid) return;
  field.removeAttribute("aria-invalid");
  document.getElementById(`${field.id}-error`)?.remove();
});

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  if (event.submitter) event.submitter.ariaBusy = "true";
});

// A page that comes back from the browser's memory may be sent again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.forms) delete form.dataset.sent;
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
});
