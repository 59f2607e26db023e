const maps = JSON.parse(document.getElementById("maps").textContent), heads = document.getElementById("head");
let shown = [], pinned = null;
const wordsOf = (text) => [...document.querySelectorAll(`article[data-t="${text}"] .w`)];
const pieceOf = (text, word) => maps[text].find((each) => word >= each.first && word < each.first + each.heads[0].length);
/* What a word gave to each of its piece, by the head that is chosen or by their mean; null is no number. */
function weightsOf(piece, word) {
  const rows = piece.heads.map((head) => head[word - piece.first]);
  if (heads && heads.value !== "mean") return (rows[heads.value] || rows[0]).map((each) => each === null ? null : each * piece.unit);
  return rows[0].map((_, place) => rows.some((row) => row[place] === null) ? null
    : rows.reduce((sum, row) => sum + row[place], 0) / rows.length * piece.unit);
}
const inDigits = (weight) => (weight === null ? "–" : weight.toFixed(3));
const placeOf = (word) => [word.closest("article").dataset.t, Number(word.dataset.w)];
function hide() {
  for (const word of shown) {
    word.classList.remove("from");
    word.setAttribute("aria-pressed", "false");
    word.style.cssText = "";
    word.removeAttribute("title");
  }
  for (const row of document.querySelectorAll("tr.from")) row.classList.remove("from");
  shown = [];
}
function show(word) {
  hide();
  const [text, number] = placeOf(word), piece = pieceOf(text, number);
  word.classList.add("from");
  word.setAttribute("aria-pressed", "true");
  shown.push(word);
  if (!piece) return;
  const words = wordsOf(text), weights = weightsOf(piece, number);
  const largest = Math.max(...weights.map(Math.abs)) || 1;
  weights.forEach((weight, place) => {
    const other = words[piece.first + place], share = Math.abs(weight) / largest;
    other.title = inDigits(weight);
    shown.push(other);
    if (share < 0.03) return;
    other.style.background = `color-mix(in srgb, var(--shade) calc(${share} * var(--strongest)), transparent)`;
    other.style.borderBottom = `${1 + Math.round(3 * share)}px ${weight < 0 ? "dashed" : "solid"} currentColor`;
  });
  markRow(word);
  tell(word, weights.map((weight, place) => [weight, words[piece.first + place].textContent]));
}
function markRow(word) {
  const [text, number] = placeOf(word), row = document.querySelector(`details[data-of="${text}"] tr[data-w="${number}"]`);
  if (row) row.classList.add("from");
}
const say = (english, chinese) => { document.getElementById("said").textContent = inChinese() ? chinese : english; };
/* What is only seen is said: the three words of the largest weights, and these. */
function tell(word, weights) {
  const most = weights.filter(([weight]) => weight).sort((one, other) => Math.abs(other[0]) - Math.abs(one[0])).slice(0, 3);
  const names = most.map(([weight, name]) => `${name} ${inDigits(weight)}`).join(", ");
  say(`${word.textContent} looked most at: ${names}`, `${word.textContent} 看得最多的是：${names}`);
}
/* Of a word that is pinned, what it gave to another. */
function tellPair(word, other) {
  const [text, number] = placeOf(word), [otherText, place] = placeOf(other), piece = pieceOf(text, number);
  if (text !== otherText || !piece || pieceOf(text, place) !== piece) return;
  const weight = inDigits(weightsOf(piece, number)[place - piece.first]);
  say(`${word.textContent} gave ${other.textContent} ${weight}`, `${word.textContent} 给 ${other.textContent} 的权重：${weight}`);
}
/* A click or Enter pins a word, so that no other is shown for being pointed at; once more, or elsewhere, lets it go. */
function pin(word) {
  for (const each of [pinned, word]) if (each) each.classList.toggle("pinned", each === word);
  pinned = word;
}
const wordOf = (event) => event.target.closest && event.target.closest(".w");
for (const kind of ["mouseover", "focusin"])
  document.addEventListener(kind, (event) => {
    const word = wordOf(event);
    if (word && pinned && word !== pinned) tellPair(pinned, word);
    else if (word) show(word);
  });
document.addEventListener("click", (event) => {
  const word = wordOf(event);
  if (!word && event.target.closest("details, .heads, .settings")) return;
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
/* All weights of a text: a table for each piece it was read in, made when it is asked for. */
function made(tag, attributes, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...inside);
  return element;
}
function tableOf(text, piece) {
  const words = wordsOf(text).slice(piece.first, piece.first + piece.heads[0].length).map((each) => each.textContent);
  const about = [["en", "Rows: what each word gave; columns: to which"], ["zh-Hans", "行：各词给出的权重；列：给了哪个词"]];
  const caption = made("caption", {}, ...about.map(([name, said]) => made("span", { lang: name, "data-lang": name.slice(0, 2) }, said)));
  const head = made("tr", {}, made("td", {}), ...words.map((each) => made("th", { scope: "col", class: "number", lang: "", dir: "auto" }, each)));
  const rows = words.map((each, row) => {
    const cells = weightsOf(piece, piece.first + row).map((weight) => made("td", { class: "number" }, inDigits(weight)));
    return made("tr", { "data-w": piece.first + row }, made("th", { scope: "row", lang: "", dir: "auto" }, each), ...cells);
  });
  const region = made("div", { class: "scroll", role: "region", tabindex: 0, "data-label-en": `Weights as numbers, text ${Number(text) + 1}, from ${words[0]}`,
    "data-label-zh": `权重的数值，第 ${Number(text) + 1} 段文本，从 ${words[0]} 起` },
  made("table", {}, caption, made("thead", {}, head), made("tbody", {}, ...rows)));
  region.setAttribute("aria-label", region.getAttribute(`data-label-${inChinese() ? "zh" : "en"}`));
  return region;
}
function fill(details) {
  const text = details.dataset.of;
  const tables = details.open ? maps[text].map((piece) => tableOf(text, piece)) : [];
  details.replaceChildren(details.querySelector("summary"), ...tables);
  if (shown.length) markRow(shown[0]);
}
for (const each of document.querySelectorAll("details.numbers")) {
  each.hidden = false;
  each.addEventListener("toggle", () => fill(each));
}
if (heads) {
  heads.parentElement.hidden = false;
  heads.addEventListener("change", () => {
    for (const each of document.querySelectorAll("details.numbers[open]")) fill(each);
    if (shown.length) show(pinned || shown[0]);
  });
}
