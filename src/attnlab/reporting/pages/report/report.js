/* Charts in the page's colours and language, arms that are shown or not, commands that are copied. */
const specs = JSON.parse((document.getElementById("charts") || { textContent: "{}" }).textContent);
const hiddenArms = new Set();
const drawn = new Map();
/* Okabe and Ito's hues, as dark or as light as 3 to 1 against the page takes. */
const HUES = {
  light: ["#0072b2", "#c24e00", "#00805f", "#b0528c", "#8f6400", "#1a1a1a", "#3a7fb0", "#6b6b6b"],
  dark: ["#56b4e9", "#e69f00", "#2bc299", "#e39ac6", "#f0e442", "#ececec", "#ff8a50", "#b0b0b0"],
};
function look() {
  const text = { labelColor: "var(--ink)", titleColor: "var(--ink)", labelFontSize: 12, titleFontSize: 12 };
  const lines = { gridColor: "var(--line)", domainColor: "var(--faint)", tickColor: "var(--faint)" };
  /* Vega describes axes in English alone; what is seen is the chart's own description. */
  const axis = { ...text, ...lines, aria: !inChinese() };
  return {
    background: "transparent", font: "system-ui, sans-serif", axis, legend: text,
    view: { stroke: null }, range: { category: HUES[isDark() ? "dark" : "light"] },
  };
}
async function draw(box) {
  if (box.hidden) return;
  const spec = specs[box.dataset.chart][inChinese() ? "zh" : "en"];
  if (drawn.has(box)) drawn.get(box).finalize();
  const made = await vegaEmbed(box, spec, {
    mode: "vega-lite", renderer: "svg", ast: true, actions: false, tooltip: { theme: isDark() ? "dark" : "light" },
    config: look(), formatLocale: { decimal: ".", thousands: ",", grouping: [3], currency: ["", ""], minus: "-" },
  });
  drawn.set(box, made);
  await made.view.signal("hidden", [...hiddenArms]).runAsync();
}
/* Of hidden arms alone a chart would have nothing to make its axes of: a line says so in its place, and in that of maps. */
const choices = [...document.querySelectorAll("[data-shows]")];
const showing = (name) => choices.filter((each) => each.dataset.shows === name);
const armsIn = (box) => (box.dataset.chart
  ? Object.values(specs[box.dataset.chart].en.datasets || {}).flat().map((row) => row.arm).filter((arm) => arm !== undefined)
  : [...new Set(choices.map((each) => each.dataset.shows))]);
const places = choices.length ? [...document.querySelectorAll("[data-chart], #linked-panels")] : [];
for (const place of places) {
  const line = document.createElement("p");
  line.className = "note no-arm";
  line.hidden = true;
  line.innerHTML = '<span lang="en" data-lang="en">Tick an arm above to see it here.</span>'
    + '<span lang="zh" data-lang="zh">请在上方勾选要显示的组。</span>';
  place.before(line);
}
function showPlaces() {
  for (const place of places) {
    const arms = armsIn(place);
    place.hidden = arms.length > 0 && arms.every((arm) => hiddenArms.has(arm));
    place.previousElementSibling.hidden = !place.hidden;
  }
}
let drawing = Promise.resolve();
function drawAll() {
  for (const box of document.querySelectorAll("[data-chart]")) drawing = drawing.then(() => draw(box));
}
document.addEventListener("page:language", drawAll);
document.addEventListener("page:scheme", drawAll);
drawAll();

for (const each of choices)
  each.addEventListener("change", () => {
    const name = each.dataset.shows;
    if (each.checked) hiddenArms.delete(name); else hiddenArms.add(name);
    for (const other of showing(name)) other.checked = each.checked;
    for (const part of document.querySelectorAll(":is(li, section)[data-arm]"))
      if (part.dataset.arm === name) part.hidden = !each.checked;
    const before = new Set(places.filter((place) => place.hidden));
    showPlaces();
    for (const [box, made] of drawn) {
      if (before.has(box) && !box.hidden) drawing = drawing.then(() => draw(box));
      else if (!box.hidden) made.view.signal("hidden", [...hiddenArms]).runAsync();
    }
    tell(each.checked ? `${name} is shown` : `${name} is hidden`, each.checked ? `已显示 ${name}` : `已隐藏 ${name}`);
  });

function tell(english, chinese) {
  const told = inChinese() ? chinese : english;
  document.getElementById("status").textContent = told;
  return told;
}
/* What a button did stands on it for a moment. */
const MOMENT = 2500;  // milliseconds
function answer(button, told) {
  const before = button.asked || [...button.childNodes];
  clearTimeout(button.until);
  Object.assign(button, { asked: before, until: setTimeout(() => {
    button.replaceChildren(...before);
    button.classList.remove("done");
  }, MOMENT) });
  button.replaceChildren(told);
  button.classList.add("done");
}
/* Without the clipboard's consent the text is selected, so that it can be copied by hand. */
async function copy(text, shown) {
  try {
    await navigator.clipboard.writeText(text);
    return tell("copied", "已复制");
  } catch {
    getSelection().selectAllChildren(shown);
    return tell("selected: copy it with the keyboard", "已选中，请用键盘复制");
  }
}
for (const button of document.querySelectorAll(".copy")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const shown = document.getElementById(button.dataset.copies);
    answer(button, await copy(shown.textContent, shown));
  });
}
