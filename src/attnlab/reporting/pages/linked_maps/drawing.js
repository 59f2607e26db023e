/* What linked maps are drawn with. */
const VIRIDIS = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];
const CANVAS_WIDTH = 360;  // pixels
const OPACITY = 0.62;  // over an image
const NAMES = { reference: ["the reference, piece by piece", "参考（逐个词元）"],
  beginning: ["the beginning that was given", "给出的开头"], output: ["what each model wrote", "各模型所写"],
  sentence: ["words of the sentence", "句中各词"], places: ["places in the image", "图中位置"],
  queries: ["what each place looks at", "每个位置看向哪里"],
  channels: ["channels", "通道"], boxes: ["objects", "目标"] };
const TEXTS = { source: ["source", "原文"], reference: ["reference", "参考"], beginning: ["beginning", "开头"],
  output: ["output", "输出"] };

function element(tag, attributes, ...children) {
  const made = document.createElementNS(["svg", "rect"].includes(tag) ? "http://www.w3.org/2000/svg"
    : "http://www.w3.org/1999/xhtml", tag);
  for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
/* A name that may go on in the next line behind a dot, a dash or the like, not in mid-word. */
const breakable = (name) => name.split(/(?<=[-./=_,])/).flatMap((part) => [part, element("wbr")]);
/* Weights on a canvas; over an image they let that through. `layer` says where places lie: cells, or points between which
   colours run. */
function canvasOf(stack, image, cells, range, layer) {
  const height = image ? image.height : cells.length, width = image ? image.width : cells[0].length;
  const canvas = element("canvas", { width: CANVAS_WIDTH, height: Math.round((CANVAS_WIDTH * height) / width) });
  if (!image) canvas.classList.add("alone");
  const even = (many) => Array.from({ length: many + 1 }, (_, place) => place / many);
  const sides = layer.centres ? layer.centres.map(pointsOn)
    : (layer.edges || [even(cells.length), even(cells[0].length)]).map(cellsOn);
  const pen = canvas.getContext("2d");
  const boxOf = ([row, column]) => {
    const [[top, bottom], [left, right]] = [sides[0].span(row), sides[1].span(column)];
    return [left * canvas.width, top * canvas.height, (right - left) * canvas.width, (bottom - top) * canvas.height];
  };
  const paint = (cells, range) => cells.forEach((line, row) => line.forEach((value, column) => {
    const [left, top, wide, high] = boxOf([row, column]), gap = image ? 0 : 1.5;
    pen.fillStyle = `rgb(${shadeOf(value, range).join(" ")} / ${image ? OPACITY : 1})`;
    if (Number.isFinite(value)) pen.fillRect(left + gap, top + gap, wide - 2 * gap, high - 2 * gap);
  }));
  canvas.draw = (selected, cells, range) => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    if (layer.centres) paintBetween(pen, cells, range, sides); else paint(cells, range);
    if (!selected) return;
    const [left, top, wide, high] = boxOf(selected);
    for (const [ink, thick] of [["#000", 6], ["#fff", 3]]) {
      pen.strokeStyle = ink;
      pen.lineWidth = thick;
      pen.strokeRect(left + 2, top + 2, wide - 4, high - 4);
    }
  };
  canvas.placeAt = (y, x) => [sides[0].at(y), sides[1].at(x)];
  canvas.middleOf = (row, column) => ({ x: sides[1].middle(column), y: sides[0].middle(row) });
  canvas.draw(null, cells, range);
  stack.append(canvas);
  return canvas;
}
/* Where the places of one side lie: cells between edges. */
function cellsOn(edges) {
  const span = (place) => [edges[place], edges[place + 1]];
  return { span, at: (share) => Math.max(0, edges.slice(0, -1).findLastIndex((edge) => edge <= share)),
    middle: (place) => (edges[place] + edges[place + 1]) / 2 };
}
/* Or points: a share of the way lies between two of them. */
function pointsOn(points) {
  const half = points.length > 1 ? (points[1] - points[0]) / 2 : 1;
  const below = (share) => Math.max(0, points.findLastIndex((point) => point <= share));
  const near = (share) => {
    const low = below(share), high = Math.min(points.length - 1, low + 1);
    const part = high === low ? 0 : (share - points[low]) / (points[high] - points[low]);
    return [low, high, Math.min(1, Math.max(0, part))];
  };
  return { near, middle: (place) => points[place],
    span: (place) => [Math.max(0, points[place] - half), Math.min(1, points[place] + half)],
    at: (share) => { const [low, high, part] = near(share); return part > 0.5 ? high : low; } };
}
function paintBetween(pen, cells, range, [rows, columns]) {
  const { width, height } = pen.canvas, pixels = pen.createImageData(width, height);
  const across = Array.from({ length: width }, (_, x) => columns.near((x + 0.5) / width));
  for (let y = 0; y < height; y += 1) {
    const [top, bottom, down] = rows.near((y + 0.5) / height);
    across.forEach(([left, right, along], x) => {
      const upper = cells[top][left] * (1 - along) + cells[top][right] * along;
      const lower = cells[bottom][left] * (1 - along) + cells[bottom][right] * along;
      const value = upper * (1 - down) + lower * down, at = 4 * (y * width + x);
      if (!Number.isFinite(value)) return;
      [pixels.data[at], pixels.data[at + 1], pixels.data[at + 2]] = shadeOf(value, range);
      pixels.data[at + 3] = 255 * OPACITY;
    });
  }
  pen.putImageData(pixels, 0, 0);
}
const SHADES = Array.from({ length: 256 }, (_, shade) => {
  const place = (shade / 255) * (VIRIDIS.length - 1), low = Math.min(VIRIDIS.length - 2, Math.floor(place));
  return VIRIDIS[low].map((each, hue) => Math.round(each + (VIRIDIS[low + 1][hue] - each) * (place - low)));
});
function shadeOf(value, range) {
  const share = (value - range[0]) / (range[1] - range[0] || 1);
  return SHADES[Math.round(255 * Math.min(1, Math.max(0, share || 0)))];
}
/* The share that two boxes have in common of what both cover. */
function overlap(one, other) {
  const side = (low, high) => Math.max(0, Math.min(one[high], other[high]) - Math.max(one[low], other[low]));
  const area = (box) => (box[2] - box[0]) * (box[3] - box[1]), both = side(0, 2) * side(1, 3);
  return both / (area(one) + area(other) - both || 1);
}
const say = (english, chinese) => (inChinese() ? chinese : english);
/* What stands between parts of a line: behind what it tells of, between things, between sentences. */
const [colon, comma, then] = [[": ", "："], [", ", "、"], ["; ", "；"]].map((each) => () => say(...each));
const titled = (text) => (TEXTS[text] ? say(...TEXTS[text]) : text);
const named = (name) => (NAMES[name] ? say(...NAMES[name]) : name);
/* What is chosen in one map is told to all by one event; each panel shows it in its own way. `how`: "point" is ignored where
   something is pinned, "move" isn't, "pin" pins it or, if it `isChosen` already, lets it go. */
const select = (selection, how = "point", isChosen = false) =>
  document.dispatchEvent(new CustomEvent("maps:select", { detail: { selection, how, isChosen } }));
const ENDS = ["Home", "End"];
const isPin = (key) => key === "Enter" || key === " ";
const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const number = (value) => (Number.isFinite(value) ? String(+value.toPrecision(3)) : "–");
function strongest(weights, label) {
  const order = weights.map((weight, place) => [Math.abs(weight), place]).filter(([size]) => size > 0);
  order.sort((one, other) => other[0] - one[0]);
  const alike = order.filter(([size]) => size > 0.999 * order[0][0]).length;
  if (alike > 3)  // of which three would be picked by where they stand
    return say(`${alike} alike, ${number(weights[order[0][1]])} each`, `${alike} 个相同，各 ${number(weights[order[0][1]])}`);
  return order.slice(0, 3)
    .map(([, place]) => `${label(place)} ${number(weights[place])}`).join(comma()) || "–";
}
function rangeOf(maps, fromZero) {
  const all = maps.flatMap((map) => map.values.flat(Infinity)).filter(Number.isFinite);
  if (!all.length) return [0, 1];
  const [low, high] = [Math.min, Math.max].map((better) => all.reduce((one, other) => better(one, other)));
  if (!fromZero) return [low, high];
  return low < 0 ? [-Math.max(-low, high), Math.max(-low, high)] : [0, high];
}
/* How deep a weight is shaded, as a share of the deepest: by its square root, or small ones wouldn't be seen. */
const depthOf = (share) => Math.sqrt(share);
function scale(range, look) {
  return element("div", { class: "scale" }, number(range[0]), element("i", { class: look, "aria-hidden": "true" }),
    number(range[1]));
}
/* A grid's canvas, on which a cell is chosen by the pointer or by keys. `of` says what a cell is, `last` which is the last. */
function pointable(canvas, name, { has, chosen, last, of }) {
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", `${name}, ${say("arrow keys move", "用方向键移动")}`);
  const choose = ([row, column], how) => {
    const place = chosen(), isChosen = Boolean(place) && place[0] === row && place[1] === column;
    if (has(row, column) && (how === "pin" || !isChosen)) select(of(row, column), how, isChosen);
  };
  const pointed = (event) => {
    const box = canvas.getBoundingClientRect();
    return canvas.placeAt((event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width);
  };
  canvas.addEventListener("pointermove", (event) => choose(pointed(event), "point"));
  canvas.addEventListener("click", (event) => choose(pointed(event), "pin"));
  canvas.addEventListener("focus", () => { if (!chosen()) choose([0, 0], "point"); });
  canvas.addEventListener("keydown", (event) => {
    const [row, column] = chosen() || [0, 0], [down, right] = ARROWS[event.key] || [0, 0];
    const to = { Home: [0, 0], End: last }[event.key] || [row + down, column + right];
    if (!ARROWS[event.key] && !ENDS.includes(event.key) && !isPin(event.key)) return;
    event.preventDefault();
    choose(to, isPin(event.key) ? "pin" : "move");
  });
}
const placed = (row, column) => `(${row + 1}, ${column + 1})`;
function strongestOf(cells, name) {
  const flat = cells.flatMap((line, row) => line.map((value, column) => [value, name(row, column)]));
  return strongest(flat.map(([value]) => value), (at) => flat[at][1]);
}
function greyed(image) {
  return element("div", { class: "stack" },
    ...(image ? [element("img", { src: image.address, alt: "", style: "filter: grayscale(1)" })] : []));
}
