// Keys for those who work through lists: they move between rows and press what the page offers anyway. They can be
// switched off, they never act while somebody types, and Tab and screen readers work as ever.

const shortcutHelp = document.querySelector("[data-shortcuts]");
if (shortcutHelp) listenForShortcuts(shortcutHelp);

function listenForShortcuts(help) {
  const off = "rabta-shortcuts-off";
  const box = help.querySelector("input[type=checkbox]");
  const rows = [...document.querySelectorAll("table.list tbody tr")];
  let row = -1;
  help.hidden = false;
  box.checked = !remembered();
  box.addEventListener("change", () => remember(!box.checked));

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    if (!box.checked && event.key !== "?") return;
    const done = act(event.key);
    if (done) event.preventDefault();
  });

  function act(key) {
    if (key === "?") return open(!help.open);
    if (key === "j" || key === "k") return move(key === "j" ? 1 : -1);
    if (key === "x") return press(rows[row]?.querySelector(".pick input"));
    if (key === "o") return press(rows[row]?.querySelector("td a"));
    if (key === "/") return focus(document.getElementById("q"));
    return press([...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key));
  }

  function move(by) {
    if (!rows.length) return false;
    rows[row]?.classList.remove("at");
    row = Math.min(Math.max(row + by, 0), rows.length - 1);
    rows[row].classList.add("at");
    rows[row].scrollIntoView({ block: "nearest" });
    return focus(rows[row].querySelector("td a"));
  }

  function open(state) {
    help.open = state;
    return focus(help.querySelector("summary"));
  }

  function press(element) {
    element?.click();
    return Boolean(element);
  }

  function focus(element) {
    element?.focus();
    return Boolean(element);
  }

  // Browsers may refuse to remember anything.
  function remembered() {
    try {
      return localStorage.getItem(off) === "1";
    } catch {
      return false;
    }
  }

  function remember(state) {
    try {
      if (state) localStorage.setItem(off, "1");
      else localStorage.removeItem(off);
    } catch {
      // it holds for this page
    }
  }
}
