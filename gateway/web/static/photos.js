// Resizes photos before they are sent, and shows the progress.

const MAX_PIXELS = 1600;
const SMALL_ENOUGH = 200_000;
const PHOTO = /^image\/(jpeg|png|webp|heic|heif|avif)$/;

begin(document);
document.addEventListener("renewed", (event) => begin(event.target));

function begin(part) {
  for (const form of part.querySelectorAll("form[enctype='multipart/form-data']")) {
    if (form.querySelector("input[type=file]")) sending(form);
  }
}

function sending(form) {
  const line = form.querySelector("[data-sending]") ?? form.appendChild(document.createElement("p"));
  const words = line.dataset;
  const bar = document.createElement("progress");
  let shrinking = Promise.resolve();
  let busy = false;
  line.setAttribute("role", "status");
  form.addEventListener("change", ({ target }) => {
    if (target.type === "file") shrinking = shrinking.then(() => shrink(target));
  });
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    const isForShow = button?.hasAttribute("formaction") || button?.name === "_show";
    const hasFiles = [...form.querySelectorAll("input[type=file]")].some((field) => field.files.length);
    if (event.defaultPrevented || isForShow || !hasFiles) return;
    event.preventDefault();
    if (!busy) send(button);
  });
  addEventListener("pageshow", ({ persisted }) => persisted && stop(""));

  async function shrink(field) {
    const chosen = [...field.files];
    const smaller = [];
    // One by one: a cheap phone has little memory.
    for (const file of chosen) smaller.push(await smallerOf(file));
    const isSame = (file, place) => file === field.files[place];
    if (smaller.every(isSame) || field.files.length !== chosen.length || !chosen.every(isSame)) return;
    try {
      const all = new DataTransfer();
      for (const file of smaller) all.items.add(file);
      field.files = all.files;
      setText(line, words.textSmaller, { before: sizeOf(chosen), after: sizeOf(smaller) });
    } catch {
      // sent without resizing
    }
  }

  // The server sends a script the next address. Any other response is a page, so the browser sends the form again: its
  // key makes that safe.
  async function send(button) {
    busy = true;
    await shrinking;
    const data = new FormData(form);
    if (button?.name) data.append(button.name, button.value);
    setText(line, words.textSending);
    bar.removeAttribute("value");
    bar.setAttribute("aria-label", words.textSending);
    line.after(bar);
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", ({ loaded, total }) => (bar.value = total && loaded / total));
    request.addEventListener("error", () => stop(words.textFailed));
    request.addEventListener("load", () => {
      const next = request.getResponseHeader("Location");
      if (next) location.assign(next);
      else plainly(button);
    });
    request.open("POST", form.getAttribute("action"));
    request.setRequestHeader("X-Requested-With", "script");
    request.setRequestHeader("Accept", "text/html");
    request.send(data);
  }

  function plainly(button) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: button?.name ?? "", value: button?.value ?? "" });
    form.append(field);
    HTMLFormElement.prototype.submit.call(form);
  }

  function stop(text) {
    busy = false;
    bar.remove();
    setText(line, text);
  }
}

async function smallerOf(file) {
  if (file.size <= SMALL_ENOUGH || !PHOTO.test(file.type)) return file;
  try {
    const image = await createImageBitmap(file);
    const scale = Math.min(1, MAX_PIXELS / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    const drawing = canvas.getContext("2d");
    // Transparent parts of a PNG would become black.
    drawing.fillStyle = "#fff";
    drawing.fillRect(0, 0, canvas.width, canvas.height);
    drawing.drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    const made = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.82));
    if (!made || made.size >= file.size) return file;
    return new File([made], `${file.name.replace(/\.\w+$/, "")}.jpg`, { type: "image/jpeg" });
  } catch {
    return file;
  }
}

function sizeOf(files) {
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

// Fills a text of the page. Numbers keep their own direction.
function setText(element, text = "", values = {}) {
  const number = (name) => Object.assign(document.createElement("bdi"), { dir: "ltr", textContent: values[name] });
  element.replaceChildren(...text.split(/\{(\w+)\}/).map((part, index) => (index % 2 ? number(part) : part)));
}
