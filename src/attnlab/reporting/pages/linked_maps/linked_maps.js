/* What is chosen in one map is told to all by one event, `maps:select`; each panel shows it in its own way. */
(() => {
const data = JSON.parse(document.getElementById("linked-maps-data").textContent);
const part = (name) => document.getElementById(`linked-${name}`);
const [example, kind, layer, head, shared] = ["example", "view", "layer", "head", "shared"].map(part);
const NAMES = { reference: ["the reference, word by word", "参考文本（逐词）"], output: ["what each model wrote", "各模型所写"],
  sentence: ["words of the sentence", "句中各词"], places: ["places in the image", "图中位置"],
  queries: ["what each place looks at", "每个位置关注哪里"],
  channels: ["channels", "通道"], boxes: ["objects", "目标"], source: ["source", "源文"] };
const named = (name) => (NAMES[name] ? say(...NAMES[name]) : name);
const PER_LINE = 16;  // channels
let shown = [], chosen = null;
const select = (detail) => document.dispatchEvent(new CustomEvent("maps:select", { detail }));

/* The chosen layer's map of the chosen head, or the mean of all; null where there is none. */
function chosenMap(view) {
  const found = view.layers[layer.value === "last" ? view.layers.length - 1 : +layer.value];
  if (!found || (head.value !== "mean" && (found.averaged || !found.heads[+head.value]))) return null;
  const heads = head.value === "mean" ? found.heads : [found.heads[+head.value]];
  const mean = (maps) => (Array.isArray(maps[0]) ? maps[0].map((_, place) => mean(maps.map((map) => map[place])))
    : maps.reduce((sum, each) => sum + (each === null ? NaN : each), 0) * found.unit / maps.length);
  return { layer: found, values: mean(heads) };
}
/* Words: buttons in lines, reached by one Tab and moved between by arrows. */
function words(panel, arm, view, map, range) {
  const own = (side) => (data.examples[example.value].texts[side.text] === undefined ? `${arm}/` : "") + side.text;
  const alone = view.rows.text === view.columns.text;
  const lines = (alone ? [view.rows] : [view.rows, view.columns]).map((side, at) => {
    const line = element("div", { class: "line", dir: "auto", lang: "", role: "group",
      "aria-label": `${arm}: ${named(side.text)}` });
    side.units.forEach(([label, start, end], place) => {
      const button = element("button", { type: "button", class: "unit", "aria-pressed": "false",
        tabindex: place ? "-1" : "0" }, label.replace(/▁/g, "") || "␣");
      if (label.startsWith("▁")) button.style.marginInlineStart = ".35rem";
      const choose = () => select({ kind: "word", text: own(side), label, start, end });
      for (const event of ["pointerenter", "focus", "click"]) button.addEventListener(event, choose);
      button.addEventListener("keydown", (event) => {
        if (!ARROWS[event.key]) return;
        event.preventDefault();
        const [down, right] = ARROWS[event.key];
        const there = down ? lines[at + down] : line;
        const reading = getComputedStyle(line).direction === "rtl" ? -right : right;
        if (there) focus(there, Math.min(there.children.length - 1, place + reading));
      });
      line.append(button);
    });
    panel.append(element("p", { class: "note" }, named(side.text)), line);
    return line;
  });
  function focus(line, place) {
    const button = line.children[Math.max(0, place)];
    for (const each of line.children) each.tabIndex = each === button ? 0 : -1;
    button.focus();
  }
  panel.append(scale(range, range[0] < 0 ? "both" : "words"));
  return (selection) => {
    const meeting = (side) => (selection.text !== own(side) ? [] : side.units.flatMap(([label, start, end], place) =>
      ((start < selection.end && selection.start < end) ||
        (start === selection.start && end === selection.end && label === selection.label) ? [place] : [])));
    const rows = meeting(view.rows), columns = rows.length ? [] : meeting(view.columns);
    const weights = rows.length
      ? view.columns.units.map((_, place) => rows.reduce((sum, row) => sum + map.values[row][place], 0) / rows.length)
      : view.rows.units.map((_, row) => columns.reduce((sum, place) => sum + map.values[row][place], 0));
    lines.forEach((line, at) => {
      const isRows = at === 0, mine = isRows ? rows : columns, shaded = alone || isRows === !rows.length;
      [...line.children].forEach((button, place) => {
        const share = shaded ? Math.min(1, Math.abs(weights[place]) / range[1]) || 0 : 0;
        button.setAttribute("aria-pressed", String(mine.includes(place)));
        button.classList.toggle("against", weights[place] < 0);
        const colour = weights[place] < 0 ? "--against" : "--shade";
        button.style.background =
          share > 0.02 ? `color-mix(in srgb, var(${colour}) calc(${share} * var(--strongest)), transparent)` : "";
        button.style.borderBottomColor = share > 0.1 ? "currentColor" : "";
        button.style.borderBottomWidth = `${1 + Math.round(3 * share)}px`;
      });
    });
    if (!rows.length && !columns.length) return say("has no such word", "没有这个词");
    const copied = rows.length && view.copying ? `; ${say("copied", "复制")} ${number(view.copying[rows[0]])}` : "";
    return strongest(weights, (place) => (rows.length ? view.columns : view.rows).units[place][0].replace(/▁/g, ""))
      + copied;
  };
}

/* Places over an image, or channels. */
function grid(panel, arm, view, map, range, image) {
  const over = view.kind === "places";
  const cells = over ? map.values : Array.from({ length: Math.ceil(map.values.length / PER_LINE) }, (_, row) =>
    map.values.slice(row * PER_LINE, (row + 1) * PER_LINE));
  const has = (row, column) => cells[row] !== undefined && cells[row][column] !== undefined;
  const stack = greyed(over && image);
  const canvas = canvasOf(stack, over ? image : null, cells, range, map.layer.edges);
  panel.append(element("p", { class: "note" }, map.layer.name), stack, scale(range, "viridis"));
  let place = null;
  pointable(canvas, `${arm}: ${named(view.name)}`, { has, chosen: () => place, select: (row, column) => select(over
    ? { kind: "place", ...canvas.middleOf(row, column) } : { kind: "channel", index: row * PER_LINE + column }) });
  const name = (row, column) => (over ? placed(row, column) : `${row * PER_LINE + column + 1}`);
  return (selection) => {
    place = null;
    if (over && selection.kind === "place") place = canvas.placeAt(selection.y, selection.x);
    if (!over && selection.kind === "channel")
      place = [Math.floor(selection.index / PER_LINE), selection.index % PER_LINE];
    if (place && !has(...place)) place = null;
    canvas.draw(place, cells, range);
    const best = `${say("strongest", "最强")}: ${strongestOf(cells, name)}`;
    return place ? `${name(...place)} ${number(cells[place[0]][place[1]])}; ${best}` : best;
  };
}

/* Places that look at one another: that which is chosen is outlined, and its map is shown; else the mean of all. */
function queries(panel, arm, view, map, shared, image) {
  const [high, wide] = map.layer.edges.map((each) => each.length - 1), merged = map.layer.merged || 1;
  const mean = map.values[0].map((line, row) => line.map((_, column) =>
    map.values.reduce((sum, each) => sum + each[row][column], 0) / map.values.length));
  const rangeFor = (cells) => shared || rangeOf([{ values: cells }], true);
  const stack = greyed(image), bar = element("div", {}, scale(rangeFor(mean), "viridis"));
  const canvas = canvasOf(stack, image, mean, rangeFor(mean), map.layer.edges);
  const blocks = merged > 1 ? say(` (${merged} × ${merged} places as one)`, `（每 ${merged} × ${merged} 个位置合为一个）`) : "";
  panel.append(element("p", { class: "note" }, map.layer.name + blocks), stack, bar);
  let place = null;
  pointable(canvas, `${arm}: ${named(view.name)}`, { has: (row, column) => row >= 0 && row < high && column >= 0 && column < wide,
    chosen: () => place, select: (row, column) => select({ kind: "place", ...canvas.middleOf(row, column) }) });
  return (selection) => {
    place = selection.kind === "place" ? canvas.placeAt(selection.y, selection.x) : null;
    const cells = place ? map.values[place[0] * wide + place[1]] : mean, range = rangeFor(cells);
    canvas.draw(place, cells, range);
    bar.replaceChildren(scale(range, "viridis"));
    const who = place ? placed(...place) : say("all places on average", "各位置平均");
    return `${who} ${say("looked most at", "最关注")}: ${strongestOf(cells, placed)}`;
  };
}

/* Objects: rectangles over the image, and what was looked at for the one that is chosen. */
function boxes(panel, arm, view, image) {
  const stack = element("div", { class: "stack" }, element("img", { src: image.address, alt: "" }));
  const drawing = element("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none", role: "group",
    "aria-label": `${arm}: ${named("boxes")}` });
  const all = [...view.there.map((each) => [each, "there"]), ...view.found.map((each) => [each, "found"])];
  const described = ([each, look]) => `${each.label} ${look === "there" ? say("(truth)", "（真值）") : number(each.score)}`;
  const sizeOf = ([{ box: [x, y, right, bottom] }]) =>
    ({ x, y, width: Math.max(0, right - x), height: Math.max(0, bottom - y) });
  const rects = all.map(([each, look], place) => {
    const rect = element("rect", { ...sizeOf(all[place]), class: look, role: "button", tabindex: place ? "-1" : "0",
      "aria-pressed": "false", "aria-label": described([each, look]) });
    const choose = () => select({ kind: "box", box: each.box, arm, place });
    for (const name of ["pointerenter", "focus", "click"]) rect.addEventListener(name, choose);
    rect.addEventListener("keydown", (event) => {
      if (!ARROWS[event.key]) return;
      event.preventDefault();
      const step = ARROWS[event.key][0] + ARROWS[event.key][1];
      const next = rects[(place + step + rects.length) % rects.length];
      rects.forEach((one) => one.setAttribute("tabindex", one === next ? "0" : "-1"));
      next.focus();
    });
    return rect;
  });
  /* Small ones above large ones, where the pointer reaches them. */
  const areas = all.map(sizeOf).map(({ width, height }) => width * height);
  for (const place of all.map((_, at) => at).sort((one, other) => areas[other] - areas[one]))
    drawing.append(element("rect", { ...sizeOf(all[place]), class: "halo" }), rects[place]);
  stack.append(drawing);
  panel.append(stack);
  const counted = say(`${view.found.length} found, ${view.there.length} there`,
    `检出 ${view.found.length}，实有 ${view.there.length}`);
  const bar = element("div");
  panel.append(bar, element("p", { class: "note" }, counted));
  let canvas = null;
  return (selection) => {
    const near = all.map(([each], place) => [overlap(each.box, selection.box || [0, 0, 0, 0]), place])
      .filter(([share, place]) => share >= 0.5 && all[place][1] === "found").sort((one, other) => other[0] - one[0])[0];
    const place = selection.kind !== "box" ? null : selection.arm === arm ? selection.place : near ? near[1] : null;
    rects.forEach((rect, at) => rect.setAttribute("aria-pressed", String(at === place)));
    if (canvas) canvas.remove();
    canvas = null;
    bar.replaceChildren();
    if (selection.kind !== "box") return counted;
    if (place === null) return say("nothing found there", "此处没有检出");
    const looked = all[place][0].looked, text = described(all[place]);
    if (!looked) return text;
    const cells = looked.heads[0].map((line) => line.map((value) => value * looked.unit));
    const range = rangeOf([{ values: cells }], true);
    canvas = canvasOf(stack, image, cells, range, looked.edges);
    stack.insertBefore(canvas, drawing);
    bar.replaceChildren(scale(range, "viridis"));
    return `${text}; ${say("looked at most", "最关注")}: ${strongest(cells.flat(), (at) =>
      `(${Math.floor(at / cells[0].length) + 1}, ${(at % cells[0].length) + 1})`)}`;
  };
}

/* The panels of all arms, and the choices that there are. */
const viewOf = (arm) => (data.examples[example.value].arms[arm] || { views: [] }).views
  .find((each) => each.name === kind.value);
function options(list, values) {
  const before = list.value;
  list.replaceChildren(...values.map(([value, text]) => element("option", { value }, text)));
  if (values.some(([value]) => value === before)) list.value = before;
  list.disabled = values.length < 2;
}
function fill() {
  const short = (text) => Array.from(text).slice(0, 40).join("");
  options(example, data.examples.map((each, at) => [String(at), `${at + 1}: ${short(each.texts.source || say(`number ${each.id}`, `编号 ${each.id}`))}`]));
  const arms = Object.values(data.examples[example.value].arms);
  const kinds = [...new Set(arms.flatMap((arm) => arm.views.map((view) => view.name)))];
  options(kind, kinds.map((name) => [name, named(name)]));
  const views = data.names.map(viewOf).filter(Boolean), most = Math.max(0, ...views.map((view) => view.layers.length));
  const numbers = (many) => Array.from({ length: many }, (_, at) => [String(at), String(at + 1)]);
  options(layer, [["last", say("last", "最后一层")], ...(most > 1 ? numbers(most) : [])]);
  const heads = Math.max(0, ...views.flatMap((view) => view.layers.map((each) => each.heads.length)));
  options(head, [["mean", say("mean over heads", "各头均值")], ...(heads > 1 ? numbers(heads) : [])]);
}
function lacking(arm) {
  const why = data.why[arm], others = (data.examples[example.value].arms[arm] || { views: [] }).views;
  if (why) return say(...why);
  if (!others.length) return say("has no map of this example", "没有这个样例的图");
  if (others.some((view) => view.name === kind.value)) return say("has no such layer or head", "没有这一层或这个头");
  return `${say("has no map of this kind; it has", "没有这种图；可看")}: ${others.map((view) => named(view.name)).join(", ")}`;
}
function draw() {
  fill();
  const here = data.examples[example.value], list = element("dl");
  for (const [name, text] of Object.entries(here.texts))
    list.append(element("dt", {}, named(name)), element("dd", { dir: "auto", lang: "" }, text));
  part("texts").replaceChildren(list);
  if (here.image) part("texts").append(element("img", { src: here.image.address,
    alt: say(`the image of example ${here.id}`, `样例 ${here.id} 的图片`) }));
  const maps = new Map(data.names.map((arm) => [arm, viewOf(arm) && chosenMap(viewOf(arm))]));
  const fromZero = !["places", "channels"].includes((data.names.map(viewOf).find(Boolean) || {}).kind);
  const everyone = rangeOf([...maps.values()].filter(Boolean), fromZero);
  shared.disabled = data.names.length < 2;
  shown = [];
  part("panels").replaceChildren(...data.names.map((arm) => {
    const view = viewOf(arm), map = maps.get(arm), own = here.arms[arm] || { title: "" };
    const panel = element("section", { class: "map", "aria-label": arm, "data-arm": arm }, element("h3", {}, arm));
    panel.hidden = typeof hiddenArms !== "undefined" && hiddenArms.has(arm);  // a report's choice of arms
    if (own.title) panel.append(element("p", { class: "note" },
      own.truth ? `${own.title} (${say("truth", "真值")}: ${own.truth})` : own.title));
    const image = (view && view.image) || here.image;
    const strong = element("p", { class: "strongest" });
    let show = null;
    if (view && view.kind === "boxes") show = boxes(panel, arm, view, image);
    else if (map) {
      const range = shared.checked ? everyone : rangeOf([map], fromZero);
      if (view.kind === "words") show = words(panel, arm, view, map, range);
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
  if (chosen) show(chosen);
}
/* What is chosen before anybody chose: a long word, the middle of an image. */
function first(here) {
  const view = data.names.map(viewOf).find(Boolean);
  if (view && view.kind === "queries") return { kind: "place", x: 0.5, y: 0.5 };
  if (!view || view.kind !== "words" || here.texts[view.rows.text] === undefined) return null;
  const [label, start, end] = view.rows.units.reduce((one, other) => (other[0].length > one[0].length ? other : one));
  return { kind: "word", text: view.rows.text, label, start, end };
}
function show(selection) {
  chosen = selection;
  const said = shown.map(([arm, of, strong]) => {
    strong.textContent = of(selection);
    return strong.closest("[hidden]") ? "" : `${arm}: ${strong.textContent}`;
  }).filter(Boolean);
  part("said").textContent = said.join(". ");
}
document.addEventListener("maps:select", (event) => show(event.detail));
for (const control of [example, kind, layer, head, shared])
  control.addEventListener("change", () => { if (control === example || control === kind) chosen = null; draw(); });
document.addEventListener("page:language", draw);
draw();
})();
