// The kinds of elements of the page that is open, as [place of the parent's kind in this list, what the element is]:
// elements of one kind have the same attributes and the same kinds of parents, so that axe finds the same wrong with
// them. What concerns a page as a whole is told as kinds, too: its headings, and ids that are doubled or missing.
// `ofKinds` keeps the elements of each kind, for axe.
() => {
  const VALUES = /^(class|type|role|lang|dir|disabled|open|checked|aria-(current|expanded|hidden|invalid|live|selected))$/;
  const NEUTRAL = /^(auto(capitalize|focus)|inputmode|m(ax|in)(length)?|novalidate|pattern|rows|spellcheck|step)$/;
  const kinds = new Map();
  window.ofKinds = [];
  const kind = (parent, what, element) => {
    const key = `${parent} ${what}`;
    if (!kinds.has(key)) kinds.set(key, [kinds.size, parent, what]);
    const [own] = kinds.get(key);
    (ofKinds[own] ??= []).push(parent < 0 ? document : element); // the page as a whole, or its head or body
    return own;
  };
  const named = (element) =>
    [...element.attributes]
      .filter(({ name }) => !NEUTRAL.test(name))
      .map(({ name, value }) => (VALUES.test(name) ? `${name}=${value}` : name)).sort().join(" ");
  const walk = (element, parent) => {
    const isolates = element.localName === "bdi" && !element.className; // looks and is read like what is around it
    const own = isolates ? parent : kind(parent, `${element.localName} ${named(element)}`, element);
    for (const child of element.children) walk(child, own);
  };
  for (const child of document.documentElement.children) walk(child, -1); // the language is no kind

  const all = (what) => [...document.querySelectorAll(what)];
  const headings = ["start", ...all("h1, h2, h3, h4, h5, h6").map((heading) => heading.localName), "end"];
  for (let i = 1; i < headings.length; i++) kind(-1, `${headings[i]} after ${headings[i - 1]}`);
  const ids = all("[id]").map((element) => element.id);
  if (new Set(ids).size < ids.length) kind(-1, `doubled on ${location.pathname}`);
  for (const name of ["for", "aria-labelledby", "aria-describedby", "aria-controls"])
    for (const element of all(`[${name}]`))
      if (element.getAttribute(name).split(/\s+/).some((id) => id && !ids.includes(id)))
        kind(-1, `${name} of nothing on ${location.pathname}`);
  return [...kinds.values()].map(([, parent, what]) => [parent, what]);
}
