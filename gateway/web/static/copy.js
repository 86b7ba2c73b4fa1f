// A button that copies the text of an element, if the browser supports it.

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
      // The text is selected: the user can copy it with the keyboard.
      getSelection().selectAllChildren(source);
    }
  });
}
