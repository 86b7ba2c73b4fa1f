// A button that copies the text of an element; it is there where the browser can do so.

for (const button of document.querySelectorAll("button[data-copy]")) {
  const source = document.querySelector(button.dataset.copy);
  if (!source || !navigator.clipboard) continue;
  const told = document.createElement("span");
  told.setAttribute("role", "status");
  button.after(" ", told);
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText((source.value ?? source.textContent).trim());
      told.textContent = button.dataset.textDone;
    } catch {
      // One key is left to press.
      getSelection().selectAllChildren(source);
    }
  });
}
