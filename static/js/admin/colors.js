// The square beside a color opens the browser's own picker.

for (const cell of document.querySelectorAll("[data-color]")) {
  const field = cell.querySelector("input");
  const square = cell.querySelector("svg");
  const picker = document.createElement("input");
  picker.type = "color";
  picker.tabIndex = -1;
  picker.setAttribute("aria-hidden", "true");
  const follow = () => {
    if (/^#[0-9a-f]{6}$/i.test(field.value)) picker.value = field.value;
    picker.toggleAttribute("data-is-empty", !field.value);
  };
  picker.addEventListener("input", () => {
    field.value = picker.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  field.addEventListener("input", follow);
  follow();
  square.replaceWith(picker);
}
