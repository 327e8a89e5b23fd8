// Stands in for https://js.stripe.com: the payment page in a frame, and nothing else of it.

(() => {
  const origin = new URL(document.currentScript.src).origin;

  function frameOf(secret) {
    const frame = document.createElement("iframe");
    frame.title = "Payment";
    frame.allow = "payment";
    frame.src = `${origin}/c/embedded/${encodeURIComponent(secret)}`;
    Object.assign(frame.style, { border: "0", inlineSize: "100%", blockSize: "40rem", colorScheme: "normal" });
    return frame;
  }

  function embeddedPage(secret) {
    const frame = frameOf(secret);
    function hear(event) {
      if (event.origin !== origin || event.source !== frame.contentWindow) return;
      if (event.data.height) frame.style.blockSize = `${event.data.height}px`;
      if (event.data.onward) location.assign(event.data.onward);
    }
    return {
      mount(where) {
        const place = typeof where === "string" ? document.querySelector(where) : where;
        addEventListener("message", hear);
        place.replaceChildren(frame);
      },
      unmount() {
        frame.remove();
      },
      destroy() {
        removeEventListener("message", hear);
        frame.remove();
      },
    };
  }

  window.Stripe = (key) => {
    if (!/^pk_test_/.test(key ?? "")) throw new Error("Please call Stripe() with your publishable key.");
    return {
      async createEmbeddedCheckoutPage({ fetchClientSecret, clientSecret }) {
        const secret = fetchClientSecret ? await fetchClientSecret() : clientSecret;
        if (!/^cs_test_\w+_secret_/.test(secret ?? "")) throw new Error("Invalid client secret.");
        return embeddedPage(secret);
      },
    };
  };
})();
