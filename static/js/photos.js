// Photos open over the page. Without this, or in a new tab, each link shows its photo alone.

const dialog = document.querySelector("[data-photo-dialog]");

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-photo]");
  if (!link || !dialog?.showModal || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const picture = dialog.querySelector("img");
  picture.src = link.href;
  picture.alt = link.querySelector("img")?.alt ?? "";
  dialog.showModal();
});

dialog?.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});
