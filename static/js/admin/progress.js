// Tells how far the worker is. Without it, the page loads itself anew every three seconds.

const EVERY = 1000;

async function look() {
  const shown = document.getElementById("progress");
  try {
    const response = await fetch(shown.dataset.address, { headers: { Accept: "text/html" } });
    if (!response.ok) throw new Error(response.status);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const now = page.getElementById("progress");
    if (now.dataset.state !== shown.dataset.state) {
      location.reload();
      return;
    }
    shown.querySelector("p").textContent = now.querySelector("p").textContent;
    for (const name of ["max", "value"]) {
      const value = now.querySelector("progress").getAttribute(name);
      if (value !== null) shown.querySelector("progress").setAttribute(name, value);
    }
  } catch {
    // The next look may succeed.
  }
  setTimeout(look, EVERY);
}

setTimeout(look, EVERY);
