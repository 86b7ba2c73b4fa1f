// One box for all boxes of a form, and how many are chosen.

for (const all of document.querySelectorAll("input[data-all]")) {
  const form = document.getElementById(all.dataset.all);
  const boxes = form ? [...form.elements].filter((one) => one.type === "checkbox" && one !== all && !one.disabled) : [];
  const count = document.querySelector(`[data-chosen="${all.dataset.all}"]`);
  if (!boxes.length) continue;

  const show = () => {
    const n = boxes.filter((box) => box.checked).length;
    all.checked = n === boxes.length;
    all.indeterminate = n > 0 && n < boxes.length;
    if (count) count.textContent = n ? count.dataset.text.replace("{n}", n) : "";
  };
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    show();
  });
  for (const box of boxes) box.addEventListener("change", show);
  // After going back, the browser restores the ticked boxes.
  addEventListener("pageshow", show);
  (all.closest("[hidden]") ?? all).hidden = false;
  show();
}
