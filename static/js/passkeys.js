// Shows what needs a passkey where the browser knows them. The answer is sent as a plain form.
const bytes = (text) => Uint8Array.from(
  atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

function read(options) {
  const ids = (list = []) => list.map((one) => ({ ...one, id: bytes(one.id) }));
  const found = { ...options, challenge: bytes(options.challenge) };
  if (options.user) found.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) found.excludeCredentials = ids(options.excludeCredentials);
  if (options.allowCredentials) found.allowCredentials = ids(options.allowCredentials);
  return found;
}

function written(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = text(credential.response[part]);
  }
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });
}

async function answer(address) {
  const asked = await fetch(address, { method: "POST", headers: { Accept: "application/json" } });
  if (!asked.ok) throw new Error(asked.statusText);
  const publicKey = read(await asked.json());
  return publicKey.user
    ? navigator.credentials.create({ publicKey })
    : navigator.credentials.get({ publicKey });
}

function prepare(form) {
  const error = form.querySelector("[data-passkey-error]");
  const known = form.querySelector("[data-passkey-known]") ?? error;
  form.addEventListener("submit", async (event) => {
    // What is not filled in goes to the server, which says so, before the device makes anything.
    if (form.elements.credential.value || !form.checkValidity()) return;
    event.preventDefault();
    error.hidden = known.hidden = true;
    try {
      form.elements.credential.value = written(await answer(form.dataset.passkey));
      form.requestSubmit();
    } catch (reason) {
      (reason.name === "InvalidStateError" ? known : error).hidden = false;
    }
  });
  // A page that comes back by the back button asks anew.
  addEventListener("pageshow", () => { form.elements.credential.value = ""; });
}

if (window.PublicKeyCredential) {
  document.querySelectorAll("form[data-passkey]").forEach(prepare);
  document.querySelectorAll("[data-with-passkeys]").forEach((part) => { part.hidden = false; });
  document.querySelectorAll("[data-without-passkeys]").forEach((note) => { note.hidden = true; });
}
