// Puts the payment provider's form into the page. Without it, or where it fails, a button leads to the
// provider's own page.

const place = document.querySelector("[data-payment]");
const elsewhere = document.querySelector("[data-elsewhere]");

function load(source) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = source;
    script.onload = resolve;
    script.onerror = () => reject(new Error("not loaded"));
    document.head.append(script);
  });
}

function show(works) {
  place.hidden = !works;
  for (const part of elsewhere.querySelectorAll("[data-failed]")) part.hidden = works;
  for (const part of elsewhere.querySelectorAll("[data-works]")) part.hidden = !works;
}

async function start({ source, key, secret }) {
  show(true);
  try {
    await load(source);
    const page = await window.Stripe(key).createEmbeddedCheckoutPage({ fetchClientSecret: async () => secret });
    page.mount(place);
  } catch {
    show(false);
  }
}

start(place.dataset);

// What the browser kept of this page may be paid meanwhile.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
