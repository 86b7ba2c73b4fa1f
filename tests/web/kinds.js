// The kinds of elements of the page that is open, as [place of the parent's kind in this list, what the element is]:
// elements of one kind have the same attributes and the same kinds of parents, so that axe finds the same wrong with
// them. What concerns a page as a whole is told as kinds, too: its headings, and ids that are doubled or missing.
() => {
  const VALUES = /^(class|type|role|lang|dir|disabled|open|checked|aria-(current|expanded|hidden|invalid|live|selected))$/;
  const kinds = new Map();
  const kind = (parent, what) => {
    const key = `${parent} ${what}`;
    if (!kinds.has(key)) kinds.set(key, [kinds.size, parent, what]);
    return kinds.get(key)[0];
  };
  const named = (element) =>
    [...element.attributes].map(({ name, value }) => (VALUES.test(name) ? `${name}=${value}` : name)).sort().join(" ");
  const walk = (element, parent) => {
    const own = kind(parent, `${element.localName} ${named(element)}`);
    for (const child of element.children) walk(child, own);
  };
  for (const child of document.documentElement.children) walk(child, -1); // the language is no kind


  const all = (what) => [...document.querySelectorAll(what)];
  kind(-1, all("h1, h2, h3, h4, h5, h6").map((heading) => heading.localName).join(" "));
  const ids = all("[id]").map((element) => element.id);
  if (new Set(ids).size < ids.length) kind(-1, `doubled on ${location.pathname}`);
  for (const name of ["for", "aria-labelledby", "aria-describedby", "aria-controls"])
    for (const element of all(`[${name}]`))
      if (element.getAttribute(name).split(/\s+/).some((id) => id && !ids.includes(id)))
        kind(-1, `${name} of nothing on ${location.pathname}`);
  return [...kinds.values()].map(([, parent, what]) => [parent, what]);
}
