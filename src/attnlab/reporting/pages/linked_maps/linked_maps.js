/* All arms' panels of one example, and the choices of what they show. */
(() => {
const data = JSON.parse(document.getElementById("linked-maps-data").textContent);
const part = (name) => document.getElementById(`linked-${name}`);
const [example, kind, layer, head, shared] = ["example", "view", "layer", "head", "shared"].map(part);
for (const view of data.examples.flatMap((each) => Object.values(each.arms)).flatMap((arm) => arm.views))
  if (view.kind === "boxes") keepSurest(view);
let shown = [], chosen = null, pinned = false, shownKind = null;
const ROOTED = ["The shade goes by the square root of the weight, so that small weights are seen.",
  "深浅按权重的平方根变化，使小权重也能看见。"];
const ABOUT = {
  words: ["A word of the upper text shows where its model looks for it: the deeper the shade, the larger the weight. A word "
    + `of the source shows which words look at it. ${ROOTED[0]}`,
    `上面文本中的词显示模型为它看向哪里：颜色越深，权重越大。原文中的词显示哪些词看向它。${ROOTED[1]}`],
  within: [`A word shows where its model looks for it: the deeper the shade, the larger the weight (dashed: below 0). ${ROOTED[0]}`,
    `一个词显示模型为它看向哪里：颜色越深，权重越大（虚线：小于 0）。${ROOTED[1]}`],
  places: ["The brighter (yellow), the larger the weight that the layer gives to this place. Places are told by "
    + "(row, column), from 1 at the top left.", "越亮（黄色），该层给这个位置的权重越大。位置记为（行，列），左上角为 1。"],
  queries: ["The outlined place looks at the others: the brighter (yellow), the more. Places are told by (row, column), "
    + "from 1 at the top left.", "画框的位置在看其他位置：越亮（黄色），权重越大。位置记为（行，列），左上角为 1。"],
  channels: ["A square is a channel of the layer, one of the maps that it makes of the image. They are numbered row by row, "
    + "16 to a row, from 1. Its colour is its weight, by which the whole map is multiplied: near 0 it is shut, at 1 it "
    + "passes as it is. So these weights say what matters, and not where. Channels of different models aren't the same ones, "
    + "whatever their numbers: so each model has a scale of its own, unless one for all is ticked.",
    "一个方格是该层的一个通道，即它从图像得到的一张特征图；按行编号，每行 16 个，从 1 开始。颜色是它的权重，整张特征图都乘以这个数："
    + "接近 0 为关闭，1 为原样通过。因此权重说明什么重要，而不是在哪里。不同模型中同号的通道并不相同：因此各用自己的色标，除非勾选统一色标。"],
  boxes: ["Of boxes that lie on each other the surest is chosen. In another model that one is chosen that overlaps it most, "
    + "by IoU 0.5 or more.", "多个框重叠时选中分数最高的。其他模型中选中与之重叠最多且 IoU 不低于 0.5 的框。"],
};
const COPIED = ["“copied” is the model's chance, from 0 to 1, to copy this word from the source and not to take it from its "
  + "vocabulary.", "“复制”是模型从原文照抄这个词（而不是从词表中选取）的概率，0 到 1。"];

/* The chosen layer's map of the chosen head, or the mean of all; null where there is none. */
function chosenMap(view) {
  const found = view.layers[layer.value === "last" ? view.layers.length - 1 : +layer.value];
  if (!found || (head.value !== "mean" && (found.averaged || !found.heads[+head.value]))) return null;
  const heads = head.value === "mean" ? found.heads : [found.heads[+head.value]];
  const mean = (maps) => (Array.isArray(maps[0]) ? maps[0].map((_, place) => mean(maps.map((map) => map[place])))
    : maps.reduce((sum, each) => sum + (each === null ? NaN : each), 0) * found.unit / maps.length);
  return { layer: found, values: mean(heads) };
}
/* The panels of all arms, and the choices that there are; one alone is none. */
const viewOf = (arm) => (data.examples[example.value].arms[arm] || { views: [] }).views
  .find((each) => each.name === kind.value);
const attends = (view) => view.layers.length > 0 || (view.found || []).some((each) => each.looked);
function options(list, values) {
  const before = list.value;
  list.replaceChildren(...values.map(([value, text]) => element("option", { value }, text)));
  if (values.some(([value]) => value === before)) list.value = before;
  list.closest("label").hidden = values.length < 2;
}
/* An example by the text that it is of, or by what it is: of generators a latent, whose images are each arm's own. */
const LONGEST = 34;  // letters of a text in the list of examples
function calledBy({ id, texts, arms }) {
  const [text] = Object.values(texts);
  if (text) return `${id}: ${shortened(text)}`;
  const made = Object.values(arms).some((arm) => arm.views.some((view) => view.image));
  return made ? say(`latent ${id}`, `隐变量 ${id}`) : say(`test example ${id}`, `测试样本 ${id}`);
}
/* A text's beginning, up to the end of a word where there is one. */
function shortened(text) {
  const letters = Array.from(text.trim());
  if (letters.length <= LONGEST) return letters.join("");
  const begun = letters.slice(0, LONGEST).join(""), space = begun.lastIndexOf(" ");
  return `${begun.slice(0, space > LONGEST / 2 ? space : undefined)}…`;
}
function fill() {
  options(example, data.examples.map((each, at) => [String(at), calledBy(each)]));
  const arms = Object.values(data.examples[example.value].arms);
  const kinds = [...new Set(arms.flatMap((arm) => arm.views.map((view) => view.name)))];
  /* What most arms attended to comes first: it is what the maps open on. */
  const attending = (name) => arms.filter((arm) => arm.views.some((view) => view.name === name && attends(view))).length;
  kinds.sort((one, other) => attending(other) - attending(one) || (one === "channels") - (other === "channels"));
  options(kind, kinds.map((name) => [name, named(name)]));
  const views = data.names.map(viewOf).filter(Boolean), most = Math.max(0, ...views.map((view) => view.layers.length));
  const namesOf = (at) => new Set(views.map((view) => view.layers[at]).filter(Boolean).map((each) => say(...each.name)));
  const titledLayer = (at) => (namesOf(at).size === 1 ? `${at + 1}: ${[...namesOf(at)][0]}` : String(at + 1));
  const numbers = (many) => Array.from({ length: many }, (_, at) => [String(at), String(at + 1)]);
  options(layer, [["last", say("last", "最后一层")], ...(most > 1 ? numbers(most).map(([at]) => [at, titledLayer(+at)]) : [])]);
  const heads = Math.max(0, ...views.flatMap((view) => view.layers.map((each) => each.heads.length)));
  options(head, [["mean", say("mean over heads", "各头均值")], ...(heads > 1 ? numbers(heads) : [])]);
}
/* Where attention is found that isn't of single objects, as that of a detector's backbone isn't, and where it says where. */
function elsewhere(views) {
  const others = [...kind.options].filter((each) => each.value !== kind.value);
  const titles = others.map((each) => each.text), isOf = (views[0] || {}).kind;
  if (isOf === "boxes" && !views.some(attends) && others.length)
    return [say("The attention of these models isn't of single objects. What they looked at is under “Show”: "
      + `${titles.join(", ")}.`, `这些模型的注意力不针对单个目标。它们看向哪里，请在“显示”中选择：${titles.join("、")}。`)];
  if (isOf === "channels" && others.some((each) => each.value === "places"))
    return [say(`Where models look that weigh places, too, is under “Show”: ${named("places")}.`,
      `也对位置加权的模型看向图中何处，请在“显示”中选择：${named("places")}。`)];
  return [];
}
/* What is seen, in words; of objects the kinds of lines and the colours of classes. */
function about(views) {
  const within = views.length && views[0].rows && views[0].rows.text === views[0].columns.text;
  const lines = views.length ? [say(...ABOUT[within ? "within" : views[0].kind])] : [];
  if (views.some((view) => view.copying)) lines.push(say(...COPIED));
  lines.push(...elsewhere(views));
  const found = lines.map((line) => element("p", { class: "note" }, line));
  if (!views.length || views[0].kind !== "boxes") return found;
  const shown = new Set(views.flatMap((view) => [...view.found, ...view.there].map((each) => each.label)));
  const classes = views[0].classes, key = element("ul", { class: "key" },
    element("li", {}, element("i", { class: "line" }), say("found by the model", "模型检出")),
    element("li", {}, element("i", { class: "line dashed" }), say("truth", "真值")));
  for (const label of classes.filter((each) => shown.has(each)))
    key.append(element("li", {}, element("i", { class: `swatch ${hueOf(label, classes)}` }), label));
  return [...found, key];
}
function lacking(arm) {
  const why = data.why[arm], others = (data.examples[example.value].arms[arm] || { views: [] }).views;
  if (why) return say(...why);
  if (!others.length) return say("has no map of this example", "没有这个样本的图");
  if (others.some((view) => view.name === kind.value)) return say("has no such layer or head", "没有这一层或这个头");
  return `${say("has no map of this kind; it has", "没有这种图；可看")}${colon()}${others.map((view) => named(view.name)).join(comma())}`;
}
function draw() {
  fill();
  const here = data.examples[example.value], list = element("dl");
  for (const [name, text] of Object.entries(here.texts))
    list.append(element("dt", {}, titled(name)), text.trim() ? element("dd", { dir: "auto", lang: "" }, text) : element("dd", {}, say("(empty)", "（空）")));
  part("texts").replaceChildren(list);
  if (here.image) part("texts").append(element("img", { src: here.image.address,
    alt: say(`the image of example ${here.id}`, `样本 ${here.id} 的图像`) }));
  /* Weights of words and places are compared between models; those of channels are each model's own. */
  const isOf = (data.names.map(viewOf).find(Boolean) || {}).kind;
  if (isOf !== shownKind) shared.checked = isOf !== "channels";
  shownKind = isOf;
  part("about").replaceChildren(...about(data.names.map(viewOf).filter(Boolean)));
  const maps = new Map(data.names.map((arm) => [arm, viewOf(arm) && chosenMap(viewOf(arm))]));
  const fromZero = !["places", "channels"].includes(isOf);
  const looked = data.names.flatMap((arm) => (viewOf(arm) || {}).found || []).filter((each) => each.looked);
  const everyone = looked.length ? rangeOf(looked.map((each) => ({ values: lookedAt(each) })), true)
    : rangeOf([...maps.values()].filter(Boolean), fromZero);
  shared.closest("label").hidden = data.names.length < 2 || !(looked.length || [...maps.values()].some(Boolean));
  shown = [];
  part("panels").replaceChildren(...data.names.map((arm) => {
    const view = viewOf(arm), map = maps.get(arm), own = here.arms[arm] || { title: "", texts: {} };
    const panel = element("section", { class: "map", "aria-label": arm, "data-arm": arm }, element("h3", {}, ...breakable(arm)));
    panel.hidden = typeof hiddenArms !== "undefined" && hiddenArms.has(arm);  // a report's choice of arms
    if (own.title) panel.append(element("p", { class: "note" },
      own.truth ? say(`${own.title} (truth: ${own.truth})`, `${own.title}（真值：${own.truth}）`) : own.title));
    const image = (view && view.image) || here.image;
    const strong = element("p", { class: "strongest" });
    let show = null;
    if (view && view.kind === "boxes") show = boxes(panel, arm, view, shared.checked ? everyone : null, image);
    else if (map) {
      const range = shared.checked ? everyone : rangeOf([map], fromZero);
      if (view.kind === "words") show = words(panel, arm, view, map, range, { shared: here.texts, own: own.texts });
      else if (view.kind === "queries") show = queries(panel, arm, view, map, shared.checked ? everyone : null, image);
      else show = grid(panel, arm, view, map, range, image);
    }
    if (show) shown.push([arm, show, strong]);
    else strong.append(lacking(arm));
    const rest = view ? view.left_out : 0;
    if (rest) panel.append(element("p", { class: "note" },
      say(`${rest} more layers aren't shown`, `另有 ${rest} 层未显示`)));
    if (show && data.why[arm]) panel.append(element("p", { class: "note" }, say(...data.why[arm])));
    panel.append(strong);
    return panel;
  }));
  chosen = chosen || first(here);
  show(chosen);
}
/* What is chosen before anybody chose: a long word, the middle of an image, an object for which something was looked at. */
function first(here) {
  const view = data.names.map(viewOf).find(Boolean), arm = data.names.find((name) => viewOf(name) && attends(viewOf(name)));
  if (arm && viewOf(arm).kind === "boxes") {
    const { found, there } = viewOf(arm), place = found.findIndex((each) => each.looked);
    return { kind: "box", box: found[place].box, arm, place: there.length + place };
  }
  if (view && view.kind === "queries") return { kind: "place", x: 0.5, y: 0.5 };
  if (!view || view.kind !== "words") return { kind: "nothing" };
  const { text, units } = view.rows, whose = here.texts[text] === undefined ? data.names.find(viewOf) : "";
  const [label, start, end] = units.reduce((one, other) => (other[0].length > one[0].length ? other : one));
  return { kind: "word", text, arm: whose, label, start, end, word: whose && wordAt(here.arms[whose].texts[text], start, end) };
}
function pin(isPinned) {
  pinned = isPinned;
  part("maps").classList.toggle("pinned", pinned);
}
function show(selection) {
  chosen = selection;
  const said = shown.map(([arm, of, strong]) => {
    strong.textContent = of(selection);
    return strong.closest("[hidden]") ? "" : `${arm}${colon()}${strong.textContent}`;
  }).filter(Boolean);
  part("said").textContent = [...(pinned ? [say("pinned", "已固定")] : []), ...said].join(". ");
}
document.addEventListener("maps:select", ({ detail: { selection, how, isChosen } }) => {
  if (pinned && how === "point") return;
  if (how === "pin") pin(!(pinned && isChosen));
  show(selection);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !pinned) return;
  pin(false);
  show(chosen);
});
for (const control of [example, kind, layer, head, shared])
  control.addEventListener("change", () => {
    if (control === example || control === kind) { chosen = null; pin(false); }
    draw();
  });
document.addEventListener("page:language", draw);
draw();
})();
