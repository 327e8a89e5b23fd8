// Changes one row at a time: type a number, press Enter, and go on in the next row. Without it the
// page's form changes all rows at once.
const form = document.querySelector("[data-stock]");
const status = document.querySelector("[data-stock-status]");

function inputs() {
  return [...document.querySelectorAll("[data-row] .input")];
}

function complain(input, sentence) {
  const id = `${input.id}-error`;
  document.getElementById(id)?.remove();
  const note = document.createElement("p");
  note.className = "field__error";
  note.id = id;
  note.textContent = sentence;
  input.after(note);
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", id);
  status.textContent = sentence;
}

function show(input, row) {
  const line = input.closest("tr");
  for (const name of ["on_hand", "reserved", "available"]) {
    line.querySelector(`[data-of="${name}"]`).textContent = row[name];
  }
  line.querySelector("[data-low]").classList.toggle("is-low", row.is_low);
  line.querySelector("input[type=hidden]").value = row.was;
  line.classList.add("is-saved");
  setTimeout(() => line.classList.remove("is-saved"), 1500);
  document.getElementById(`${input.id}-error`)?.remove();
  input.removeAttribute("aria-invalid");
  input.removeAttribute("aria-describedby");
  input.value = "";
  status.textContent = row.said;
}

// One at a time, so that each press has its own word.
let waiting = Promise.resolve();

async function save(input) {
  const body = new FormData();
  for (const name of ["csrf_token", "press", "how", "reason", "note"]) {
    const field = form.elements[name];
    if (field) body.set(name, field.value);
  }
  const line = input.closest("tr");
  const was = line.querySelector("input[type=hidden]");
  body.set(was.name, was.value);
  body.set(input.name, input.value);
  line.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, {
      method: "POST", body, headers: { Accept: "application/json" },
    });
    const told = await answer.json();
    if (answer.ok) {
      form.elements.press.value = told.press;
      show(input, Object.values(told.rows)[0]);
    } else {
      complain(input, told.errors?.[0] ?? told.error?.message ?? form.dataset.refused);
    }
  } catch {
    complain(input, form.dataset.refused);
  } finally {
    line.removeAttribute("aria-busy");
  }
}

document.addEventListener("keydown", (event) => {
  const input = event.target.closest?.("[data-row] .input");
  if (!form || !input || event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  const all = inputs();
  const next = all[all.indexOf(input) + 1];
  if (input.value.trim()) waiting = waiting.then(() => save(input));
  next?.focus();
  next?.select();
});
