// Asks before a page with unsaved changes is left. Without it, everything still works.
const guarded = [...document.querySelectorAll("[data-guard]")];
const state = (form) => JSON.stringify([...new FormData(form)]);
const saved = new Map(guarded.map((form) => [form, form.dataset.guard === "changed" ? "" : state(form)]));
let isSaving = false;

for (const form of guarded) {
  form.addEventListener("submit", () => { isSaving = true; });
}
addEventListener("pageshow", () => { isSaving = false; });
addEventListener("beforeunload", (event) => {
  if (!isSaving && guarded.some((form) => state(form) !== saved.get(form))) event.preventDefault();
});
