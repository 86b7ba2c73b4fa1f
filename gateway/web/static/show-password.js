// A button that shows a password to its writer; it is sent hidden, so that no browser offers it as a word.

for (const field of document.querySelectorAll("input[type=password][data-show-password]")) {
  const button = document.createElement("button");
  const row = document.createElement("div");
  const show = (shown) => {
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", shown);
  };
  Object.assign(button, { type: "button", className: "btn alt tight", textContent: field.dataset.textShow });
  button.setAttribute("aria-label", `${field.dataset.textShow}: ${field.labels[0]?.textContent.trim()}`);
  row.className = "join";
  field.before(row);
  row.append(field, button);
  button.addEventListener("click", () => show(field.type === "password"));
  field.form?.addEventListener("submit", () => show(false));
  show(false);
}
