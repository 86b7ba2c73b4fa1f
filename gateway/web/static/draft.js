// Saves a form while the user types, and once more on leaving. Any response but 204 ends autosave; the form itself still
// works. The ETag of the response is the new revision of the form.

const PAUSE = 3_000;
const MIN_INTERVAL = 10_000;
const MAX_WAIT = 5_000;

for (const line of document.querySelectorAll("[data-draft]")) {
  const form = line.closest("form");
  if (form && window.fetch) autosave(form, line);
}

function autosave(form, line) {
  const status = line === form ? form.appendChild(document.createElement("p")) : line;
  let unsaved = false;
  let stopped = false;
  let last = 0;
  let shownTime = "";
  let timer = 0;
  let sending = null;
  let waited = false;
  status.setAttribute("role", "status");
  form.addEventListener("input", () => {
    unsaved = true;
    clearTimeout(timer);
    timer = setTimeout(save, Math.max(PAUSE, last + MIN_INTERVAL - Date.now()));
  });
  form.addEventListener("submit", (event) => {
    stopped = true;
    if (!sending || waited) return;
    // The response contains the next revision of the form.
    event.preventDefault();
    const longest = new Promise((done) => setTimeout(done, MAX_WAIT));
    Promise.race([sending.catch(() => {}), longest]).then(() => {
      waited = true;
      form.requestSubmit(event.submitter);
    });
  });
  document.addEventListener("visibilitychange", () => document.hidden && save());
  addEventListener("pagehide", save);
  addEventListener("pageshow", ({ persisted }) => persisted && (stopped = waited = false));

  async function save() {
    clearTimeout(timer);
    if (!unsaved || stopped) return;
    unsaved = false;
    last = Date.now();
    const body = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
    try {
      sending = fetch(line.dataset.draft, { method: "POST", body, keepalive: true });
      const answer = await sending;
      stopped ||= answer.status !== 204;
      if (answer.status !== 204) return;
      if (form.elements.revision) form.elements.revision.value = answer.headers.get("ETag");
      // At most once a minute, because screen readers read it out.
      if (shownTime !== clock()) setText(status, line.dataset.textSaved, { time: (shownTime = clock()) });
    } catch {
      // No connection: tries again after the next letter.
      unsaved = true;
    } finally {
      sending = null;
    }
  }
}

// Fills a text of the page. Numbers keep their own direction.
function setText(element, text = "", values = {}) {
  const number = (name) => Object.assign(document.createElement("bdi"), { dir: "ltr", textContent: values[name] });
  element.replaceChildren(...text.split(/\{(\w+)\}/).map((part, index) => (index % 2 ? number(part) : part)));
}

function clock(time = Date.now()) {
  return new Date(time).toLocaleTimeString("en-GB", { timeStyle: "short", timeZone: "Asia/Karachi" });
}
