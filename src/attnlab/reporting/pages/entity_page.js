const maps = JSON.parse(document.getElementById("maps").textContent);
let shown = [];
function hide() {
  for (const word of shown) { word.classList.remove("from"); word.style.cssText = ""; }
  shown = [];
}
function show(word) {
  hide();
  const article = word.closest("article"), row = maps[article.dataset.t][word.dataset.w];
  word.classList.add("from");
  shown.push(word);
  if (!row) return;
  const words = article.querySelectorAll(".w");
  row[1].forEach((weight, place) => {
    const other = words[row[0] + place], share = Math.abs(weight) / 99;
    if (share < 0.03) return;
    other.style.background = `color-mix(in srgb, var(--shade) calc(${share} * var(--strongest)), transparent)`;
    other.style.borderBottom = `${1 + Math.round(3 * share)}px ${weight < 0 ? "dashed" : "solid"} currentColor`;
    shown.push(other);
  });
}
for (const kind of ["mouseover", "focusin", "click"])
  document.addEventListener(kind, (event) => {
    const word = event.target.closest && event.target.closest(".w");
    if (word) show(word); else if (kind === "click") hide();
  });
