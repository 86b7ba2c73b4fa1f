// The combinations of colours of the texts that can be seen on the page that is open. Elements with one combination
// have the same contrast: the text's own colour, the backgrounds of all parents, whether it is large, which needs less,
// and whether it belongs to a disabled field, which needs none. `ofColours` keeps the elements of each, for axe.
() => {
  window.ofColours = {};
  const painted = new Map([[null, ""]]);
  const behind = (element) => {
    if (!painted.has(element)) {
      const { backgroundColor, backgroundImage, opacity, position, zIndex, filter } = getComputedStyle(element);
      const own = [
        backgroundColor === "rgba(0, 0, 0, 0)" ? "" : backgroundColor,
        backgroundImage === "none" ? "" : backgroundImage,
        opacity === "1" ? "" : `opacity ${opacity}`,
        ["static", "relative"].includes(position) && zIndex === "auto" ? "" : `${position} ${zIndex}`,
        filter === "none" ? "" : filter,
      ].filter(Boolean);
      painted.set(element, behind(element.parentElement) + (own.length ? ` < ${own.join(" ")}` : ""));
    }
    return painted.get(element);
  };
  const says = (element) =>
    element.matches("input, select, textarea, button") ||
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  for (const element of document.querySelectorAll("body, body *")) {
    if (!says(element) || !element.checkVisibility({ visibilityProperty: true })) continue;
    if (element.closest(".vh, .skip, option")) continue;
    const { color, fontSize, fontWeight, textShadow } = getComputedStyle(element);
    const disabled = element.closest(":disabled, [aria-disabled=true]") || element.closest("label")?.control?.disabled;
    const large = parseFloat(fontSize) >= (fontWeight >= 700 ? 18.66 : 24); // CSS pixels (WCAG 2.2, 1.4.3)
    const own = [color, textShadow, large ? "large" : "", disabled ? "disabled" : ""].join(" ");
    (ofColours[own + behind(element)] ??= []).push(element);
  }
  return Object.keys(ofColours);
}
