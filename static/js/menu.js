// Drawers: the menu, and closing any of them. Without this the menu's link leads to the footer.

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.opens);
    if (!dialog?.showModal) return;
    event.preventDefault();
    dialog.showModal();
    dialog.querySelector("h2")?.focus();
    return;
  }
  const isBackdrop = event.target instanceof HTMLDialogElement;
  const closer = event.target.closest("dialog [data-closes]");
  if (closer || isBackdrop) event.target.closest("dialog").close();
});
