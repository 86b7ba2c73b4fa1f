// A button that shows the password; it is hidden again before sending, so that browsers do not store it as text.

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
