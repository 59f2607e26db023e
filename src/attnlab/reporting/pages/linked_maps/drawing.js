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
/* A grid of cells on a canvas; over an image it lets that through. `stride` is of places that don't tile it. */
function canvasOf(stack, image, cells, range, stride) {
  const height = image ? image.height : cells.length, width = image ? image.width : cells[0].length;
  const canvas = element("canvas", { width: CANVAS_WIDTH, height: Math.round((CANVAS_WIDTH * height) / width) });
  if (!image) canvas.classList.add("alone");
  const edge = (place, many, pixels, step) =>  // the last place has what is left of the image
    (place === many ? 1 : Math.min(1, Math.max(0, step ? (place * step - Math.floor(step / 2)) / pixels : place / many)));
  const at = (row, column) => [edge(column, cells[0].length, width, stride && stride[1]) * canvas.width,
    edge(row, cells.length, height, stride && stride[0]) * canvas.height];
  const pen = canvas.getContext("2d");
  const draw = (selected) => {
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
  const cellAt = (share, many, pixels, step) =>
    Math.min(many - 1, Math.max(0, Math.floor(step ? (share * pixels + Math.floor(step / 2)) / step : share * many)));
  canvas.placeAt = (y, x) => [cellAt(y, cells.length, height, stride && stride[0]),
    cellAt(x, cells[0].length, width, stride && stride[1])];
  canvas.middleOf = (row, column) => {
    const [left, top] = at(row, column), [right, bottom] = at(row + 1, column + 1);
    return { x: (left + right) / 2 / canvas.width, y: (top + bottom) / 2 / canvas.height };
  };
  canvas.draw = draw;
  draw(null);
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
