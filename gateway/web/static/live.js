// Follows a live stream while the page is visible. A page with #live-part replaces that part and says so; every other page
// is a list, which says how much is new and never moves a row by itself.

const line = document.querySelector("[data-live]");
const status = line?.querySelector("[role=status]") ?? line;
const isList = !document.getElementById("live-part");
const here = location.pathname + location.search;

if (line && window.EventSource) {
  const onUpdate = isList ? countUpdates() : updatePart();
  const since = Number(new URL(line.dataset.live, location).searchParams.get("since"));
  follow(line, (event) => {
    const update = JSON.parse(event.data);
    update.number ??= update.request;
    const fits = (name) => !line.dataset[name] || line.dataset[name] === update[name];
    // The page is newer than the event.
    const isKnown = Number.parseInt(event.lastEventId) <= since;
    if (!isKnown && ["number", "service", "district", "kind"].every(fits)) onUpdate(update);
  });
}

// Browsers reconnect by themselves after a lost connection, but not after a response that is not a stream.
function follow(element, onEvent) {
  const indicator = element.querySelector("[data-on]");
  let stream = null;
  let last = "";
  let seconds = 5;
  let timer = 0;

  function open() {
    clearTimeout(timer);
    if (stream || document.hidden) return;
    const address = new URL(element.dataset.live, location);
    if (last) address.searchParams.set("since", last);
    stream = new EventSource(address);
    stream.addEventListener("open", () => {
      seconds = 5;
      if (indicator) indicator.hidden = false;
    });
    stream.addEventListener("error", () => {
      if (indicator) indicator.hidden = true;
      if (stream?.readyState !== EventSource.CLOSED) return;
      close();
      timer = setTimeout(open, seconds * 1000);
      seconds = Math.min(seconds * 2, 60);
    });
    // The token has expired. A stream alone must not keep a session alive: it continues when the user is active.
    stream.addEventListener("expired", () => {
      close();
      const ending = new AbortController();
      const back = () => (ending.abort(), open());
      for (const kind of ["pointermove", "pointerdown", "keydown", "scroll"]) {
        addEventListener(kind, back, { passive: true, signal: ending.signal });
      }
    });
    for (const kind of ["request", "assignment"]) {
      stream.addEventListener(kind, (event) => {
        last = event.lastEventId;
        onEvent(event);
      });
    }
  }

  function close() {
    clearTimeout(timer);
    stream?.close();
    stream = null;
    if (indicator) indicator.hidden = true;
  }

  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(close, 60_000);
    else open();
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
}

// ---- a list ----

function countUpdates() {
  const { textNew, textChanged, textOne, textShow, textDot } = line.dataset;
  const since = clock();
  const arrived = new Set();
  const changed = new Set();
  return ({ number, state, by }) => {
    if (by && by === line.dataset.me) return;
    const isNew = state === "routed" || state === "reopened";
    (isNew ? arrived : changed).add(number);
    (isNew ? changed : arrived).delete(number);
    const n = arrived.size || changed.size;
    const link = document.createElement("a");
    link.href = here;
    link.textContent = n === 1 ? textOne : textShow;
    setText(status, arrived.size ? textNew : textChanged, { n, time: since }, " ", link);
  };
}

// ---- one request ----

function updatePart() {
  let wanted = false;
  let busy = false;
  let typed = false;
  document.addEventListener("input", (event) => (typed ||= part().contains(event.target)));

  return async () => {
    wanted = true;
    if (busy) return;
    busy = true;
    while (wanted) {
      // Events that arrive together are shown together.
      await pause(300);
      wanted = false;
      try {
        apply(await fetchPage());
      } catch {
        // the next event shows it
      }
    }
    busy = false;
  };

  function apply(page) {
    const fresh = page.getElementById("live-part");
    if (fresh && textOf(fresh) === textOf(part())) return;
    const values = { time: clock() };
    if (!fresh || isInUse(part())) {
      const link = document.createElement("a");
      link.href = here;
      link.textContent = line.dataset.textShow;
      setText(status, line.dataset.textHeld, values, " ", link);
      return;
    }
    addIcons(page);
    keepScrollPosition(() => replace(fresh));
    typed = false;
    setText(status, line.dataset.textNew, values);
  }

  function isInUse(shown) {
    const chosen = getSelection();
    const isRead = chosen && !chosen.isCollapsed && chosen.containsNode(shown, true);
    return typed || isRead || shown.contains(document.activeElement);
  }
}

function part() {
  return document.getElementById("live-part");
}

function replace(fresh) {
  for (const open of part().querySelectorAll("details[open] > summary")) {
    const same = [...fresh.querySelectorAll("details > summary")].find((one) => textOf(one) === textOf(open));
    if (same) same.parentElement.open = true;
  }
  part().replaceWith(fresh);
  fresh.dispatchEvent(new Event("renewed", { bubbles: true }));
}

// Keeps the text at the top of the screen in its place.
function keepScrollPosition(change) {
  const shown = [...part().querySelectorAll("h2, h3, li, p, div")].find((one) => one.getBoundingClientRect().top >= 0);
  const before = shown?.getBoundingClientRect().top;
  change();
  if (!shown || part().getBoundingClientRect().top >= 0) return;
  const same = [...part().querySelectorAll(shown.localName)].find((one) => textOf(one) === textOf(shown));
  if (same) scrollBy({ top: same.getBoundingClientRect().top - before, behavior: "instant" });
}

// A page contains only the icons that it uses.
function addIcons(page) {
  const sprite = document.querySelector(".sprite");
  for (const symbol of page.querySelectorAll(".sprite > symbol")) {
    if (sprite && !document.getElementById(symbol.id)) sprite.append(document.importNode(symbol, true));
  }
}

async function fetchPage() {
  const answer = await fetch(here, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function textOf(element) {
  return element.textContent.replace(/\s+/g, " ").trim();
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

// Fills a text of the page. Numbers keep their own direction.
function setText(element, text = "", values = {}, ...more) {
  const number = (name) => Object.assign(document.createElement("bdi"), { dir: "ltr", textContent: values[name] });
  const parts = text.split(/\{(\w+)\}/).map((part, index) => (index % 2 ? number(part) : part));
  element.replaceChildren(...parts, ...more);
}

function clock(time = Date.now()) {
  return new Date(time).toLocaleTimeString("en-GB", { timeStyle: "short", timeZone: "Asia/Karachi" });
}
