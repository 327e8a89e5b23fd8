// A card's picture grows into the product's. Without this, or without view transitions, the next page
// just appears; who wants less motion gets none (storefront.css).

const NAME = "product-picture";
let named;

// A browser may give a transition up, when the next page is not ready in time: nothing is amiss then.
const giveUpQuietly = (event) => {
  event.viewTransition?.ready.catch(() => {});
  event.viewTransition?.finished.catch(() => {});
};
addEventListener("pageswap", giveUpQuietly);
addEventListener("pagereveal", giveUpQuietly);

addEventListener("pageswap", (event) => {
  const address = event.activation?.entry?.url; // a browser need not tell it
  if (!event.viewTransition || !address) return;
  if (named) named.style.viewTransitionName = "";
  const path = new URL(address).pathname;
  // One page may show a product in two glazes; else any link to it will do.
  const links = [...document.querySelectorAll(".product-card a")];
  const link = links.find((one) => one.href === address) ?? links.find((one) => one.pathname === path);
  named = link?.closest(".product-card").querySelector("img");
  if (!named) return;
  // Two of one name would cancel the transition.
  for (const picture of document.querySelectorAll("[data-gallery] img")) picture.style.viewTransitionName = "none";
  named.style.viewTransitionName = NAME;
});
