// The header says who is signed in. Pages are the same for everyone, so the name comes from a small
// cookie that decides nothing.

const link = document.querySelector("[data-account-link]");
const empty = link?.ariaLabel;

function show() {
  const found = document.cookie.match(/(?:^|; )account=([^;]*)/);
  if (!link) return;
  const name = found && decoded(found[1]);
  link.ariaLabel = name ? link.dataset.label.replace("{name}", name) : empty;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

show();
addEventListener("pageshow", (event) => event.persisted && show());
