// Photos open over the page. Without this each link shows its photo alone.

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-zoom]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  import("./zoom.js").then(({ openZoom }) => openZoom(link)).catch(() => location.assign(link.href));
});
