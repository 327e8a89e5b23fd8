// A page that was fetched in advance was counted by nobody. Now that somebody looks at it, the shop
// is told so: no name, no identifier, only that a product is looked at.

const [navigation] = performance.getEntriesByType("navigation");
if (navigation?.deliveryType === "navigational-prefetch") {
  fetch("/seen", { method: "POST", keepalive: true, credentials: "omit" }).catch(() => {});
}
