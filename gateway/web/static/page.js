// On every page: set the focus, count the remaining letters, and announce the end of the session.

const FILLED_IN = "main form[method=post] [name]:not([name^=_], [type=checkbox], [type=radio], button)";
const { body } = document;

const first = document.querySelector("main > .sum, main > .note[tabindex]");
if (first && !location.hash && document.activeElement === body) first.focus();

begin(document);
document.addEventListener("renewed", (event) => begin(event.target));
if (body.dataset.idleUntil) watchSession(body.dataset);

function begin(part) {
  for (const area of part.querySelectorAll("textarea[data-most]")) countLetters(area);
}

function countLetters(area) {
  const count = document.getElementById(`${area.id}-c`);
  const most = Number(area.dataset.most);
  if (!count || !area.dataset.textLeft) return;
  const before = [...count.childNodes];
  const update = () => {
    const left = most - [...area.value].length;
    const { textLeft, textOver } = area.dataset;
    if (area.value) setText(count, left < 0 ? textOver : textLeft, { n: Math.abs(left) });
    else count.replaceChildren(...before);
    count.classList.toggle("over", left < 0);
    // Otherwise screen readers would read it after every letter.
    count.setAttribute("aria-live", left < 20 ? "polite" : "off");
  };
  area.addEventListener("input", update);
  update();
}

// A session ends after some time without requests. An active user stays signed in without a message; others see a
// notice, and at the end another page, unless a form would be lost.
function watchSession(words) {
  // Devices often have a wrong clock.
  const ahead = words.now ? words.now * 1000 - Date.now() : 0;
  const tabs = window.BroadcastChannel && new BroadcastChannel("session");
  const notice = document.createElement("div");
  let until = Number(words.idleUntil) * 1000;
  let touched = 0;
  let loading = false;
  notice.className = "ending";
  notice.setAttribute("role", "status");
  body.prepend(notice);
  for (const kind of ["input", "keydown", "pointerdown"]) {
    addEventListener(kind, () => (touched = Date.now()), { passive: true });
  }
  tabs?.addEventListener("message", (event) => extend(event.data));
  tabs?.postMessage(until);
  for (const kind of ["visibilitychange", "pageshow"]) addEventListener(kind, check);
  const interval = setInterval(check, 5000);
  check();

  function check() {
    const left = until - ahead - Date.now();
    if (left <= 0) end();
    else if (left <= 120_000 && Date.now() - touched < 120_000) prolong();
    else if (left <= 120_000 && !notice.firstChild) warn();
  }

  function warn() {
    const button = document.createElement("button");
    button.className = "btn alt tight";
    button.type = "button";
    button.textContent = words.textStay;
    button.addEventListener("click", prolong);
    show(words.textEnds, button);
  }

  function end() {
    clearInterval(interval);
    if (document.querySelector(FILLED_IN)) show(words.textEnded);
    else location.replace(location.pathname + location.search);
  }

  function show(text, ...more) {
    const line = document.createElement("p");
    setText(line, text, { time: clock(until) });
    notice.replaceChildren(line, ...more);
  }

  function extend(time) {
    if (time <= until) return;
    until = time;
    if (notice.contains(document.activeElement)) document.getElementById("main")?.focus({ preventScroll: true });
    notice.replaceChildren();
  }

  async function prolong() {
    if (loading) return;
    loading = true;
    try {
      const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      extend(Number(page.body.dataset.idleUntil) * 1000);
      tabs?.postMessage(until);
    } catch {
      // no connection: the notice stays, and can be tried again
    }
    loading = false;
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
