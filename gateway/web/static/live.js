// Follows a live stream while the page is visible. A page with #live-part replaces that part and says so; every other page
// is a list, which says how much is new and never moves a row by itself.

const line = document.querySelector("[data-live]");
const status = line?.querySelector("[role=status]") ?? line;
const isList = !document.getElementById("live-part");
const here = location.pathname + location.search;

if (line && window.EventSource) {
  const heard = isList ? counting() : renewing();
  const since = Number(new URL(line.dataset.live, location).searchParams.get("since"));
  following(line, (event) => {
    const told = JSON.parse(event.data);
    told.number ??= told.request;
    const fits = (name) => !line.dataset[name] || line.dataset[name] === told[name];
    // The page is newer than the event.
    const isKnown = Number.parseInt(event.lastEventId) <= since;
    if (!isKnown && ["number", "service", "district", "kind"].every(fits)) heard(told);
  });
}

// Browsers reconnect by themselves after a lost connection, but not after a response that is not a stream.
function following(where, hear) {
  const mark = where.querySelector("[data-on]");
  let stream = null;
  let last = "";
  let waits = 5;
  let timer = 0;

  function open() {
    clearTimeout(timer);
    if (stream || document.hidden) return;
    const address = new URL(where.dataset.live, location);
    if (last) address.searchParams.set("since", last);
    stream = new EventSource(address);
    stream.addEventListener("open", () => {
      waits = 5;
      if (mark) mark.hidden = false;
    });
    stream.addEventListener("error", () => {
      if (mark) mark.hidden = true;
      if (stream?.readyState !== EventSource.CLOSED) return;
      close();
      timer = setTimeout(open, waits * 1000);
      waits = Math.min(waits * 2, 60);
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
        hear(event);
      });
    }
  }

  function close() {
    clearTimeout(timer);
    stream?.close();
    stream = null;
    if (mark) mark.hidden = true;
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

function counting() {
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
    say(status, arrived.size ? textNew : textChanged, { n, time: since }, " ", link);
  };
}

// ---- one request ----

function renewing() {
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
        renew(await fetched());
      } catch {
        // the next event shows it
      }
    }
    busy = false;
  };

  function renew(page) {
    const fresh = page.getElementById("live-part");
    if (fresh && words(fresh) === words(part())) return;
    const values = { time: clock() };
    if (!fresh || isInUse(part())) {
      const link = document.createElement("a");
      link.href = here;
      link.textContent = line.dataset.textShow;
      say(status, line.dataset.textHeld, values, " ", link);
      return;
    }
    draw(page);
    keepingPlace(() => replace(fresh));
    typed = false;
    say(status, line.dataset.textNew, values);
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
    const same = [...fresh.querySelectorAll("details > summary")].find((one) => words(one) === words(open));
    if (same) same.parentElement.open = true;
  }
  part().replaceWith(fresh);
  fresh.dispatchEvent(new Event("renewed", { bubbles: true }));
}

// Keeps the text at the top of the screen in its place.
function keepingPlace(change) {
  const shown = [...part().querySelectorAll("h2, h3, li, p, div")].find((one) => one.getBoundingClientRect().top >= 0);
  const before = shown?.getBoundingClientRect().top;
  change();
  if (!shown || part().getBoundingClientRect().top >= 0) return;
  const same = [...part().querySelectorAll(shown.localName)].find((one) => words(one) === words(shown));
  if (same) scrollBy({ top: same.getBoundingClientRect().top - before, behavior: "instant" });
}

// A page contains only the icons that it uses.
function draw(page) {
  const sprite = document.querySelector(".sprite");
  for (const symbol of page.querySelectorAll(".sprite > symbol")) {
    if (sprite && !document.getElementById(symbol.id)) sprite.append(document.importNode(symbol, true));
  }
}

async function fetched() {
  const answer = await fetch(here, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function words(element) {
  return element.textContent.replace(/\s+/g, " ").trim();
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

// Fills a text of the page. Numbers keep their own direction.
function say(element, text = "", values = {}, ...more) {
  const number = (name) => Object.assign(document.createElement("bdi"), { dir: "ltr", textContent: values[name] });
  const parts = text.split(/\{(\w+)\}/).map((part, place) => (place % 2 ? number(part) : part));
  element.replaceChildren(...parts, ...more);
}

function clock(time = Date.now()) {
  return new Date(time).toLocaleTimeString("en-GB", { timeStyle: "short", timeZone: "Asia/Karachi" });
}
