// Puts a reply template into the text without a visit to the server, and marks the gap for the officer's own words.

for (const part of document.querySelectorAll("[data-template-for]")) {
  const text = document.getElementById(part.dataset.templateFor);
  const choice = part.querySelector("select");
  if (!text || !choice) continue;
  part.querySelector("button").addEventListener("click", (event) => {
    const template = choice.selectedOptions[0]?.dataset.text;
    if (!template) return;
    event.preventDefault();
    const before = text.value.trim() ? `${text.value.trimEnd()}\n\n` : "";
    text.value = before + template;
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.focus();
    const gap = text.value.indexOf("{words}");
    if (gap >= 0) text.setSelectionRange(gap, gap + "{words}".length);
  });
}
