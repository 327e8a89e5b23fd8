// Keeps what is typed from being lost: a bar tells of unsaved changes with Discard and Save, a dialog
// asks before a link leaves, and the browser asks before the window does. Without it, forms still work.
const guarded = [...document.querySelectorAll("[data-guard]")];
const words = document.querySelector("[data-palette]")?.dataset ?? {};
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
  if (field.type === "hidden" || !field.name || field instanceof HTMLButtonElement) return false;
  return field.defaultValue !== undefined && field.value !== field.defaultValue;
}

const isLost = (form) => form.dataset.guard === "changed" || [...form.elements].some(isChanged);
const isUnsaved = () => !isSaving && guarded.some(isLost);

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

const button = (text, kind, act) => {
  const made = element("button", { type: "button", className: `button button--${kind}` }, text);
  made.addEventListener("click", act);
  return made;
};

// Where the page has no bar of its own that stays in sight.
const own = document.querySelector(".save-bar");
const says = element("p", { className: "save-bar__words", role: "status" });
const discard = button(words.discard, "quiet", () => {
  if (guarded.some((form) => form.dataset.guard === "changed")) {
    isSaving = true; // the page came back with complaints: what is stored is one visit away
    return location.assign(location.href);
  }
  for (const form of guarded) form.reset();
  for (const form of guarded) form.dispatchEvent(new Event("input", { bubbles: true }));
  tell();
});
let bar = own;
if (guarded.length && words.discard && !own) {
  const save = button(words.save, "primary", () => {
    const form = guarded.find(isLost) ?? guarded[0];
    const usual = [...form.elements].find((each) => each.type === "submit" && !each.hasAttribute("formaction") && !each.name);
    form.requestSubmit(usual);
  });
  bar = element("div", { className: "save-bar save-bar--made", hidden: true }, says, discard, save);
  document.querySelector("main").append(bar);
} else if (own && words.discard && guarded.length) {
  own.prepend(...(own.querySelector("[data-forget]") ? [says] : [says, discard]));
}

function tell() {
  const unsaved = isUnsaved();
  says.textContent = unsaved ? words.unsaved : "";
  discard.hidden = !unsaved;
  if (bar && bar !== own) bar.hidden = !unsaved;
}

let dialog;
function ask(href) {
  if (!dialog) {
    const heading = element("h2", { id: "leave-heading" }, words.leave);
    const stay = button(words.stay, "secondary", () => dialog.close());
    const go = button(words.goOn, "danger", () => {
      isSaving = true;
      location.assign(dialog.dataset.href);
    });
    const actions = element("div", { className: "tool-dialog__actions" }, stay, go);
    const body = element("div", { className: "tool-dialog__body" }, heading, element("p", {}, document.querySelector("[data-keep]") ? words.kept : words.lost), actions);
    dialog = element("dialog", { className: "tool-dialog" }, body);
    dialog.setAttribute("aria-labelledby", heading.id);
    document.head.append(element("link", { rel: "stylesheet", href: words.style }));
    document.body.append(dialog);
  }
  dialog.dataset.href = href;
  dialog.showModal();
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-forget]")) {
    isSaving = true; // that is what it says
    return;
  }
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const isHere = link.href.split("#")[0] === location.href.split("#")[0] && link.hash;
  if (isHere || link.target || link.hasAttribute("download") || link.origin !== location.origin || !isUnsaved()) return;
  event.preventDefault();
  ask(link.href);
});

for (const form of guarded) {
  form.addEventListener("submit", () => { isSaving = true; });
}
document.addEventListener("input", tell);
document.addEventListener("change", tell);
document.addEventListener("reset", () => setTimeout(tell));
addEventListener("pageshow", () => { isSaving = false; tell(); });
addEventListener("beforeunload", (event) => {
  if (isUnsaved()) event.preventDefault();
});
tell();
