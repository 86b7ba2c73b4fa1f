// What is wrong with the boxes of the page that is open, as sentences. Lines of text are compared and not elements:
// the padding of a link is there to be hit and may lie over its neighbour's.
() => {
  const SMALLEST = 44; // CSS pixels of a control (WCAG 2.2, 2.5.5)
  const COLLIDE = 0.5; // of a line's height: the letters of Nastaliq reach far above and below their line
  const CONTROLS = "button, .btn, input:not([type=hidden]), select, textarea, summary";
  const wrong = [];

  const seen = (element) => {
    const box = element.getBoundingClientRect();
    return (
      box.width > 1 && box.height > 1 && getComputedStyle(element).clipPath === "none" &&
      element.checkVisibility({ visibilityProperty: true }) && !element.closest(".vh, .skip, .sprite, svg")
    );
  };
  const named = (element) => {
    const words = (element.textContent || element.name || "").trim().replace(/\s+/g, " ").slice(0, 40);
    return `${element.tagName.toLowerCase()}.${element.className} "${words}"`;
  };
  const rolls = (element) => element.closest("textarea, select, pre, .scroll") !== null;
  const floats = (element) => {
    for (let one = element; one; one = one.parentElement)
      if (["sticky", "fixed"].includes(getComputedStyle(one).position)) return true;
    return false;
  };
  const common = (a, b) => [
    Math.min(a.right, b.right) - Math.max(a.left, b.left),
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top),
  ];

  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth) wrong.push(`wider than the screen: ${wide} of ${innerWidth}`);

  for (const element of document.querySelectorAll("body *")) {
    if (!seen(element) || element.matches("input, select, textarea, progress")) continue;
    const style = getComputedStyle(element);
    const hides = (overflow) => overflow === "hidden" || overflow === "clip";
    if (hides(style.overflowX) && element.scrollWidth > element.clientWidth + 1)
      wrong.push(`cut off: ${named(element)}`);
    else if (hides(style.overflowY) && element.scrollHeight > element.clientHeight + 1)
      wrong.push(`cut off below: ${named(element)}`);
  }

  const controls = [...document.querySelectorAll(CONTROLS)].filter(seen);
  for (const control of controls) {
    const box = (control.closest("label") ?? control).getBoundingClientRect();
    if (box.height < SMALLEST - 0.5 || box.width < SMALLEST - 0.5)
      wrong.push(`too small to hit: ${named(control)} ${Math.round(box.width)}x${Math.round(box.height)}`);
  }
  for (const link of document.querySelectorAll("nav a, .acts a, footer li a, li > a:only-child, .me a")) {
    const alone = link.closest("li, p, nav")?.textContent.trim() === link.textContent.trim() || link.closest("nav, .acts");
    const box = link.getBoundingClientRect();
    if (seen(link) && alone && box.height < SMALLEST - 0.5)
      wrong.push(`too low to hit: ${named(link)} ${Math.round(box.width)}x${Math.round(box.height)}`);
  }

  const lines = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !seen(element) || rolls(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    const stays = !floats(element); // what floats lies over what rolls beneath it
    for (const box of range.getClientRects()) if (box.width > 1 && stays) lines.push([element, texts.currentNode, box]);
  }
  for (const [element, , box] of lines)
    if (box.right > innerWidth + 1 || box.left < -1) wrong.push(`beside the screen: ${named(element)}`);
  lines.sort((a, b) => a[2].top - b[2].top);
  for (let i = 0; i < lines.length; i++)
    for (let j = i + 1; j < lines.length && lines[j][2].top < lines[i][2].bottom; j++) {
      const [one, text, a] = lines[i], [other, same, b] = lines[j];
      const [x, y] = common(a, b);
      if (text !== same && x > 3 && y > COLLIDE * Math.min(a.height, b.height))
        wrong.push(`collide: ${named(one)} and ${named(other)} by ${Math.round(x)}x${Math.round(y)}`);
    }

  for (let i = 0; i < controls.length; i++) {
    if (floats(controls[i])) continue;
    const a = controls[i].getBoundingClientRect();
    for (const other of controls.slice(i + 1)) {
      const [x, y] = common(a, other.getBoundingClientRect());
      if (x > 1 && y > 1 && !controls[i].contains(other))
        wrong.push(`controls collide: ${named(controls[i])} and ${named(other)} by ${Math.round(x)}x${Math.round(y)}`);
    }
    for (const [element, , box] of lines) {
      const [x, y] = common(a, box);
      if (x > 3 && y > COLLIDE * box.height && !controls[i].contains(element) && !element.contains(controls[i]))
        wrong.push(`lies over: ${named(controls[i])} over ${named(element)} by ${Math.round(x)}x${Math.round(y)}`);
    }
  }
  return [...new Set(wrong)];
}
