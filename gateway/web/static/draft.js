// Saves a form while the user types, and once more on leaving. Any response but 204 ends saving; the form itself still
// works. The ETag of the response is the new revision of the form.

const PAUSE = 3_000;
const AT_MOST_EVERY = 10_000;
const LONGEST_WAIT = 5_000;

for (const line of document.querySelectorAll("[data-draft]")) {
  const form = line.closest("form");
  if (form && window.fetch) saving(form, line);
}

function saving(form, line) {
  const told = line === form ? form.appendChild(document.createElement("p")) : line;
  let unsaved = false;
  let stopped = false;
  let last = 0;
  let said = "";
  let timer = 0;
  let underWay = null;
  let waited = false;
  told.setAttribute("role", "status");
  form.addEventListener("input", () => {
    unsaved = true;
    clearTimeout(timer);
    timer = setTimeout(save, Math.max(PAUSE, last + AT_MOST_EVERY - Date.now()));
  });
  form.addEventListener("submit", (event) => {
    stopped = true;
    if (!underWay || waited) return;
    // The response contains the next revision of the form.
    event.preventDefault();
    const longest = new Promise((done) => setTimeout(done, LONGEST_WAIT));
    Promise.race([underWay.catch(() => {}), longest]).then(() => {
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
      underWay = fetch(line.dataset.draft, { method: "POST", body, keepalive: true });
      const answer = await underWay;
      stopped ||= answer.status !== 204;
      if (answer.status !== 204) return;
      if (form.elements.revision) form.elements.revision.value = answer.headers.get("ETag");
      // At most once a minute, because screen readers read it out.
      if (said !== clock()) say(told, line.dataset.textSaved, { time: (said = clock()) });
    } catch {
      // No connection: tries again after the next letter.
      unsaved = true;
    } finally {
      underWay = null;
    }
  }
}

// Fills a text of the page. Numbers keep their own direction.
function say(element, text = "", values = {}) {
  const number = (name) => Object.assign(document.createElement("bdi"), { dir: "ltr", textContent: values[name] });
  element.replaceChildren(...text.split(/\{(\w+)\}/).map((part, place) => (place % 2 ? number(part) : part)));
}

function clock(time = Date.now()) {
  return new Date(time).toLocaleTimeString("en-GB", { timeStyle: "short", timeZone: "Asia/Karachi" });
}
