// In a frame of the store's page: tells that page how high this one is, and where it goes on.

const tell = (message) => parent.postMessage(message, "*");

new ResizeObserver(() => tell({ height: document.documentElement.scrollHeight })).observe(document.body);

const onward = document.querySelector("[data-onward]");
if (onward) tell({ onward: onward.href });
