// Sends a form's files one by one, chosen or dropped, and tells how far each is and what was refused.

export function uploadEach(form, done) {
  const field = form.querySelector("[data-drop]");
  const input = field.querySelector("[type=file]");
  const said = field.querySelector("[data-progress]");
  const bar = field.querySelector("[data-bar]");
  const failures = field.querySelector("[data-failures]");
  const fill = (sentence, values) =>
    sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  let isBusy = false;

  function fail(sentence) {
    const line = document.createElement("li");
    line.className = "field__error";
    line.textContent = sentence;
    failures.append(line);
  }

  function send(file, isOnly, onProgress) {
    return new Promise((resolve, reject) => {
      const data = new FormData(isOnly ? form : undefined);
      data.set(input.name, file);
      const request = new XMLHttpRequest();
      request.open("POST", form.action);
      request.setRequestHeader("Accept", "application/json");
      request.responseType = "json";
      request.upload.onprogress = (event) =>
        event.lengthComputable && onProgress(Math.round((event.loaded / event.total) * 100));
      request.onload = () => resolve({ ok: request.status < 300, message: request.response?.error?.message });
      request.onerror = reject;
      request.send(data);
    });
  }

  async function sendAll(files) {
    if (isBusy || !files.length) return;
    isBusy = true;
    field.ariaBusy = "true";
    failures.replaceChildren();
    bar.hidden = false;
    let added = 0;
    for (const [index, file] of files.entries()) {
      const tell = (percent) => {
        bar.value = percent;
        said.textContent = fill(field.dataset.sending, {
          number: index + 1, count: files.length, file: file.name, percent,
        });
      };
      tell(0);
      try {
        const { ok, message } = await send(file, files.length === 1, tell);
        if (ok) added += 1;
        else fail(message ?? fill(field.dataset.failed, { file: file.name }));
      } catch {
        fail(fill(field.dataset.failed, { file: file.name }));
      }
    }
    bar.hidden = true;
    said.textContent = fill(field.dataset.done, { count: added });
    form.reset();
    field.ariaBusy = null;
    isBusy = false;
    if (added) done();
  }

  form.addEventListener("submit", (event) => {
    if (!input.files.length) return;
    event.preventDefault();
    sendAll([...input.files]);
  });

  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");

  form.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    if (!field.classList.contains("is-dragging")) said.textContent = field.dataset.dragging;
    field.classList.add("is-dragging");
  });
  form.addEventListener("dragleave", (event) => {
    if (form.contains(event.relatedTarget)) return;
    field.classList.remove("is-dragging");
    said.textContent = "";
  });
  form.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    field.classList.remove("is-dragging");
    sendAll([...event.dataTransfer.files]);
  });
}
