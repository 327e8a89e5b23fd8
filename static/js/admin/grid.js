// Arrow keys, Enter and pasting in the table of variants. Without it, Tab leads from cell to cell.
const table = document.querySelector("[data-grid]");
const rows = () => [...table.tBodies[0].rows];
const field = (cell) => cell?.querySelector("input:not([type=hidden]), select");

// The next row down or up that has a field in this column.
function beyond(cell, step) {
  const all = rows();
  for (let at = all.indexOf(cell.parentElement) + step; all[at]; at += step) {
    const found = field(all[at].cells[cell.cellIndex]);
    if (found) return found;
  }
  return null;
}

function beside(cell, step) {
  for (let next = cell; (next = step > 0 ? next.nextElementSibling : next.previousElementSibling); ) {
    if (field(next)) return field(next);
  }
  return null;
}

function go(to) {
  to?.focus();
  to?.select?.();
}

table?.addEventListener("keydown", (event) => {
  const { target, key } = event;
  const cell = target.closest("td");
  if (!cell || event.altKey || event.ctrlKey || event.metaKey) return;
  const isText = target.tagName === "INPUT";
  const isAtStart = isText && target.selectionStart === 0 && target.selectionEnd === target.value.length;
  const to =
    key === "Enter" ? beyond(cell, event.shiftKey ? -1 : 1)
    : !isText ? null
    : key === "ArrowDown" ? beyond(cell, 1)
    : key === "ArrowUp" ? beyond(cell, -1)
    : key === "ArrowRight" && (isAtStart || target.selectionStart === target.value.length) ? beside(cell, 1)
    : key === "ArrowLeft" && (isAtStart || target.selectionEnd === 0) ? beside(cell, -1)
    : null;
  if (key !== "Enter" && !to) return;
  event.preventDefault();
  go(to);
});

// Lines and tabs, as spreadsheets copy them, fill cells from here on to the right and down.
table?.addEventListener("paste", (event) => {
  const cell = event.target.closest("td");
  const text = event.clipboardData.getData("text/plain").replace(/\r?\n$/, "");
  if (!cell || !/[\t\n]/.test(text)) return;
  event.preventDefault();
  const all = rows();
  const first = all.indexOf(cell.parentElement);
  for (const [down, line] of text.split(/\r?\n/).entries()) {
    for (const [across, words] of line.split("\t").entries()) {
      const into = field(all[first + down]?.cells[cell.cellIndex + across]);
      if (!into) continue;
      into.value = words.trim();
      into.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
});
