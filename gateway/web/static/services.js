// Filters a list while the user types. Words are normalised as on the server, only more roughly. If nothing matches,
// the server searches after a pause: it knows more words, and tolerates typing errors.

const MARKS = /[\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u200b-\u200f\u061c\u00ad]/g;
const LETTERS = { ي: "ی", ى: "ی", ے: "ی", ك: "ک", ه: "ہ", ة: "ہ", ۃ: "ہ", ھ: "ہ", ە: "ہ", ں: "ن", ء: "" };
const SOUNDS = [[/aa/g, "a"], [/ee/g, "i"], [/oo/g, "u"], [/ph/g, "f"], [/q/g, "k"], [/w/g, "v"], [/z/g, "s"]];

for (const form of document.querySelectorAll("form[data-filter]")) filtering(form);

function filtering(form) {
  const field = form.querySelector("input[type=search], input[name=q]");
  const list = document.querySelector(form.dataset.filter);
  // A list that the server has filtered is incomplete.
  if (!field || !list || field.defaultValue) return;
  const lines = [...list.querySelectorAll("li[data-words]")].map((item) => [item, spelled(item.dataset.words)]);
  const told = form.appendChild(document.createElement("p"));
  let timer = 0;
  told.className = "vh";
  told.setAttribute("role", "status");
  field.addEventListener("input", filter);
  addEventListener("pageshow", filter);

  function filter() {
    const asked = spelled(field.value);
    const counts = lines.map(([, words]) => asked.filter((one) => words.some((word) => word.startsWith(one))).length);
    const best = Math.max(...counts);
    clearTimeout(timer);
    if (asked.length && !best) timer = setTimeout(ask, 600);
    else show(lines.filter((_, place) => counts[place] === best), asked.length > 0);
  }

  async function ask() {
    const query = new URLSearchParams(new FormData(form));
    try {
      const answer = await fetch(`${form.getAttribute("action") ?? ""}?${query}`, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = page.querySelector(form.dataset.filter)?.innerHTML ?? "";
      if (query.get(field.name) !== field.value) return;
      show(lines.filter(([item]) => found.includes(`"${item.querySelector("a").getAttribute("href")}"`)), true);
    } catch {
      // No connection: the list stays as it is.
    }
  }

  function show(fitting, isAsked) {
    for (const line of lines) line[0].hidden = !fitting.includes(line);
    for (const group of list.querySelectorAll("section")) group.hidden = !group.querySelector("li:not([hidden])");
    timer = setTimeout(tell, 600, isAsked ? fitting.length : null);
  }

  function tell(found) {
    const { textFound = "", textNone = "" } = form.dataset;
    told.textContent = found === null ? "" : found ? textFound.replace("{n}", found) : textNone;
    // The count is for screen readers; it is visible in the list.
    told.className = found === 0 ? "soft" : "vh";
  }
}

function spelled(text) {
  const folded = text.normalize("NFKD").toLowerCase().replace(MARKS, "");
  const letters = [...folded].map((letter) => LETTERS[letter] ?? digit(letter)).join("");
  return (letters.match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => word.length > 1).map(sounded);
}

function digit(letter) {
  return letter.replace(/[\u0660-\u0669\u06f0-\u06f9]/, (one) => one.codePointAt(0) & 15);
}

function sounded(word) {
  const heard = SOUNDS.reduce((text, [written, sound]) => text.replace(written, sound), word);
  return heard.replace(/(.)\1+/g, "$1").replace(/y$/, "i");
}
