// Shows while one types how the product looks in search results.
const snippet = document.querySelector("[data-snippet]");
const field = (name) => document.getElementById(`field-${name}`);

function show() {
  const text = (...names) => names.map((name) => field(name)?.value.trim()).find(Boolean) ?? "";
  snippet.querySelector("[data-title]").textContent = text("seo_title", "title");
  snippet.querySelector("[data-handle]").textContent = text("handle");
  snippet.querySelector("[data-description]").textContent = text("seo_description", "summary");
}

for (const name of ["seo_title", "title", "handle", "seo_description", "summary"]) {
  field(name)?.addEventListener("input", show);
}
