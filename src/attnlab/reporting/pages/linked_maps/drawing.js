/* What linked maps are drawn with. */
const VIRIDIS = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];
const CANVAS_WIDTH = 360;  // pixels

function element(tag, attributes, ...children) {
  const made = document.createElementNS(["svg", "rect"].includes(tag) ? "http://www.w3.org/2000/svg"
    : "http://www.w3.org/1999/xhtml", tag);
  for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
/* A grid of cells on a canvas; over an image it lets that through. `edges` are its rows' and columns', else even. */
function canvasOf(stack, image, cells, range, edges) {
  const height = image ? image.height : cells.length, width = image ? image.width : cells[0].length;
  const canvas = element("canvas", { width: CANVAS_WIDTH, height: Math.round((CANVAS_WIDTH * height) / width) });
  if (!image) canvas.classList.add("alone");
  const even = (many) => Array.from({ length: many + 1 }, (_, place) => place / many);
  const [tops, lefts] = edges || [even(cells.length), even(cells[0].length)];
  const at = (row, column) => [lefts[column] * canvas.width, tops[row] * canvas.height];
  const pen = canvas.getContext("2d");
  const draw = (selected, cells, range) => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    cells.forEach((line, row) => line.forEach((value, column) => {
      const [left, top] = at(row, column), [right, bottom] = at(row + 1, column + 1);
      pen.fillStyle = colour((value - range[0]) / (range[1] - range[0] || 1), image ? 0.62 : 1);
      if (Number.isFinite(value)) pen.fillRect(left, top, right - left, bottom - top);
    }));
    if (!selected) return;
    const [left, top] = at(...selected), [right, bottom] = at(selected[0] + 1, selected[1] + 1);
    for (const [ink, thick] of [["#000", 6], ["#fff", 3]]) {
      pen.strokeStyle = ink;
      pen.lineWidth = thick;
      pen.strokeRect(left + 2, top + 2, right - left - 4, bottom - top - 4);
    }
  };
  const cellAt = (share, starts) => Math.max(0, starts.slice(0, -1).findLastIndex((start) => start <= share));
  canvas.placeAt = (y, x) => [cellAt(y, tops), cellAt(x, lefts)];
  canvas.middleOf = (row, column) => {
    const [left, top] = at(row, column), [right, bottom] = at(row + 1, column + 1);
    return { x: (left + right) / 2 / canvas.width, y: (top + bottom) / 2 / canvas.height };
  };
  canvas.draw = draw;
  draw(null, cells, range);
  stack.append(canvas);
  return canvas;
}
function colour(share, alpha) {
  const place = Math.min(0.9999, Math.max(0, share)) * (VIRIDIS.length - 1), low = Math.floor(place);
  const mixed = VIRIDIS[low].map((each, hue) => Math.round(each + (VIRIDIS[low + 1][hue] - each) * (place - low)));
  return `rgb(${mixed.join(" ")} / ${alpha})`;
}
/* The share that two boxes have in common of what both cover. */
function overlap(one, other) {
  const side = (low, high) => Math.max(0, Math.min(one[high], other[high]) - Math.max(one[low], other[low]));
  const area = (box) => (box[2] - box[0]) * (box[3] - box[1]), both = side(0, 2) * side(1, 3);
  return both / (area(one) + area(other) - both || 1);
}
const say = (english, chinese) => (inChinese() ? chinese : english);
const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const number = (value) => (Number.isFinite(value) ? String(+value.toPrecision(3)) : "–");
function strongest(weights, label) {
  const order = weights.map((weight, place) => [Math.abs(weight), place]).filter(([size]) => size > 0);
  return order.sort((one, other) => other[0] - one[0]).slice(0, 3)
    .map(([, place]) => `${label(place)} ${number(weights[place])}`).join(", ") || "–";
}
function rangeOf(maps, fromZero) {
  const all = maps.flatMap((map) => map.values.flat(Infinity)).filter(Number.isFinite);
  if (!all.length) return [0, 1];
  const [low, high] = [Math.min, Math.max].map((better) => all.reduce((one, other) => better(one, other)));
  if (!fromZero) return [low, high];
  return low < 0 ? [-Math.max(-low, high), Math.max(-low, high)] : [0, high];
}
function scale(range, look) {
  return element("div", { class: "scale" }, number(range[0]), element("i", { class: look, "aria-hidden": "true" }),
    number(range[1]));
}
/* A grid's canvas, on which a cell is chosen by the pointer or by arrows. `select` is told which. */
function pointable(canvas, name, { has, chosen, select }) {
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", `${name}, ${say("arrow keys move", "用方向键移动")}`);
  const choose = (row, column) => {
    const place = chosen();
    if (has(row, column) && !(place && place[0] === row && place[1] === column)) select(row, column);
  };
  const pointed = (event) => {
    const box = canvas.getBoundingClientRect();
    choose(...canvas.placeAt((event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width));
  };
  for (const name of ["pointermove", "click"]) canvas.addEventListener(name, pointed);
  canvas.addEventListener("focus", () => { if (!chosen()) choose(0, 0); });
  canvas.addEventListener("keydown", (event) => {
    if (!ARROWS[event.key]) return;
    event.preventDefault();
    const [row, column] = chosen() || [0, 0], [down, right] = ARROWS[event.key];
    choose(row + down, column + right);
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
