// Filters a list while somebody types. Words are compared in one spelling, as the server does it, only more roughly:
// who presses the button gets the server's answer, which forgives mistakes.

const MARKS = /[\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u200b-\u200f\u061c\u00ad]/g;
const LETTERS = { ي: "ی", ى: "ی", ے: "ی", ك: "ک", ه: "ہ", ة: "ہ", ۃ: "ہ", ھ: "ہ", ە: "ہ", ں: "ن", ء: "" };
const SOUNDS = [[/aa/g, "a"], [/ee/g, "i"], [/oo/g, "u"], [/ph/g, "f"], [/q/g, "k"], [/w/g, "v"], [/z/g, "s"]];

for (const form of document.querySelectorAll("form[data-filter]")) filtering(form);

function filtering(form) {
  const field = form.querySelector("input[type=search], input[name=q]");
  const list = document.querySelector(form.dataset.filter);
  // A list that was filtered already is not all there is.
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
    const found = asked.length ? counts.filter((count) => count === best && best).length : lines.length;
    lines.forEach(([item], place) => (item.hidden = asked.length > 0 && (counts[place] < best || !best)));
    for (const group of list.querySelectorAll("section")) group.hidden = !group.querySelector("li:not([hidden])");
    clearTimeout(timer);
    timer = setTimeout(tell, 600, asked.length ? found : null);
  }

  function tell(found) {
    const { textFound = "", textNone = "" } = form.dataset;
    told.textContent = found === null ? "" : found ? textFound.replace("{n}", found) : textNone;
    // How many there are is seen by whoever sees.
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
