// On every page: count the letters that are left, and say in time that a session will end.

const language = document.documentElement.lang;

for (const area of document.querySelectorAll("textarea[data-most]")) {
  const count = document.getElementById(`${area.id}-c`);
  const most = Number(area.dataset.most);
  const told = count.textContent;
  const tell = () => {
    const left = most - [...area.value].length;
    count.textContent = area.value ? `${told} · ${left}` : told;
    count.classList.toggle("over", left < 0);
  };
  area.addEventListener("input", tell);
  tell();
}
