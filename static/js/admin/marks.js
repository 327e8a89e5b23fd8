// A box that marks all rows of the page, and how many are marked. Without it each is marked by hand.
const form = document.querySelector("[data-marks]");
const head = document.querySelector("[data-mark-all]");

if (form && head) {
  const said = form.querySelector("[data-said]");
  const rows = [...form.elements].filter((box) => box.name === "id");
  const all = head.querySelector("input");
  const tell = () => {
    const count = rows.filter((box) => box.checked).length;
    all.checked = count === rows.length;
    all.indeterminate = count > 0 && count < rows.length;
    said.textContent = count ? form.dataset.marked.replace("{count}", count) : "";
  };
  head.hidden = false;
  head.previousElementSibling?.remove();
  all.addEventListener("change", () => {
    for (const box of rows) box.checked = all.checked;
    tell();
  });
  for (const box of rows) box.addEventListener("change", tell);
  addEventListener("pageshow", tell);
}
