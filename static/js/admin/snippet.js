// Shows while one types how the product looks in search results.
const snippet = document.querySelector("[data-snippet]");
const described = snippet.querySelector("[data-description]");
const field = (name) => document.getElementById(`field-${name}`);
// Elements that part words from each other: as in shop/seo/words.py.
const BLOCK = /<(?=\/?(?:p|br|li|h[1-6]|div|t[dhr]|dt|dd|blockquote)\b)/gi;

function plain(markup) {
  const page = new DOMParser().parseFromString(markup.replace(BLOCK, " <"), "text/html");
  for (const unseen of page.querySelectorAll("script, style")) unseen.remove();
  return page.body.textContent.replace(/\s+/g, " ").trim();
}

function show() {
  const text = (...names) => names.map((name) => field(name)?.value.trim()).find(Boolean) ?? "";
  snippet.querySelector("[data-title]").textContent = text("seo_title", "title");
  snippet.querySelector("[data-handle]").textContent = text("handle");
  described.textContent = text("seo_description", "summary") || plain(text("description"))
    || described.dataset.description.replace("{}", () => text("title"));
}

for (const name of ["seo_title", "title", "handle", "seo_description", "summary", "description"]) {
  field(name)?.addEventListener("input", show);
}
