const maps = JSON.parse(document.getElementById("maps").textContent);
let shown = [], pinned = null;
function hide() {
  for (const word of shown) {
    word.classList.remove("from");
    word.setAttribute("aria-pressed", "false");
    word.style.cssText = "";
  }
  shown = [];
}
function show(word) {
  hide();
  const article = word.closest("article"), row = maps[article.dataset.t][word.dataset.w];
  word.classList.add("from");
  word.setAttribute("aria-pressed", "true");
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
  tell(word, row[1].map((weight, place) => [Math.abs(weight), words[row[0] + place].textContent]));
}
/* What is only seen is said: the three words of the largest weights. */
function tell(word, weights) {
  const most = weights.filter(([size]) => size > 0).sort((one, other) => other[0] - one[0]).slice(0, 3);
  const names = most.map(([, name]) => name).join(", ");
  document.getElementById("said").textContent = inChinese() ? `${word.textContent} 最关注：${names}`
    : `${word.textContent} looked most at: ${names}`;
}
/* A click or Enter pins a word, so that no other is shown for being pointed at; once more, or elsewhere, lets it go. */
function pin(word) {
  for (const each of [pinned, word]) if (each) each.classList.toggle("pinned", each === word);
  pinned = word;
}
const wordOf = (event) => event.target.closest && event.target.closest(".w");
for (const kind of ["mouseover", "focusin"])
  document.addEventListener(kind, (event) => { if (wordOf(event) && !pinned) show(wordOf(event)); });
document.addEventListener("click", (event) => {
  const word = wordOf(event);
  pin(word === pinned ? null : word);
  if (word) show(word); else hide();
});
/* A text is reached by one Tab, its words by arrows, in the direction in which it is read. */
document.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key], end = { Home: 0, End: -1 }[event.key], word = wordOf(event);
  if (event.key === "Escape") pin(null);
  if (!word) return;
  if (["Enter", " "].includes(event.key)) word.click();
  else if (!step && end === undefined) return;
  event.preventDefault();
  const article = word.closest("article"), words = [...article.querySelectorAll(".w")];
  const beside = words.indexOf(word) + (getComputedStyle(article).direction === "rtl" ? -step : step);
  const next = step ? words[beside] : end === undefined ? null : words.at(end);
  if (!next) return;
  word.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
});
