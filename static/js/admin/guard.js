// Asks before a page with unsaved changes is left. Without it, everything still works.
const guarded = [...document.querySelectorAll("[data-guard]")];
let isSaving = false;

// Against what the server sent, so that fields which come and go beside the others do not count.
function isChanged(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field instanceof HTMLSelectElement) {
    const was = [...field.options].filter((option) => option.defaultSelected);
    return field.multiple
      ? [...field.options].some((option) => option.selected !== option.defaultSelected)
      : field.selectedIndex !== (was.length ? was.at(-1).index : 0);
  }
  return field.type !== "hidden" && field.value !== field.defaultValue;
}

for (const form of guarded) {
  form.addEventListener("submit", () => { isSaving = true; });
}
addEventListener("pageshow", () => { isSaving = false; });
addEventListener("beforeunload", (event) => {
  const isLost = (form) => form.dataset.guard === "changed" || [...form.elements].some(isChanged);
  if (!isSaving && guarded.some(isLost)) event.preventDefault();
});
