/* Places over an image, or channels. */
const PER_LINE = 16;  // channels
const sizeOf = (cells) => say(`${cells.length} × ${cells[0].length} places`, `${cells.length} × ${cells[0].length} 个位置`);
function grid(panel, arm, view, map, range, image) {
  const over = view.kind === "places";
  const cells = over ? map.values : Array.from({ length: Math.ceil(map.values.length / PER_LINE) }, (_, row) =>
    map.values.slice(row * PER_LINE, (row + 1) * PER_LINE));
  const has = (row, column) => cells[row] !== undefined && cells[row][column] !== undefined;
  const stack = greyed(over && image);
  if (!over && view.image) panel.append(element("img", { class: "own", src: view.image.address,
    alt: say("the image that it is of", "对应的图像") }));
  const canvas = canvasOf(stack, over ? image : null, cells, range, map.layer);
  const many = over ? sizeOf(cells) : say(`${map.values.length} channels`, `${map.values.length} 个通道`);
  panel.append(element("p", { class: "note" }, `${say(...map.layer.name)}${colon()}${many}`), stack, scale(range, "viridis"));
  if (view.of_both) panel.append(element("p", { class: "note" }, over
    ? say("It weighs channels and places at once; this is the mean over channels.", "它同时加权通道和位置；这里是对通道取的均值。")
    : say("It weighs channels and places at once; this is the mean over places.", "它同时加权通道和位置；这里是对位置取的均值。")));
  let place = null;
  pointable(canvas, `${arm}: ${named(view.name)}`, { has, chosen: () => place,
    last: [cells.length - 1, cells.at(-1).length - 1], of: (row, column) => (over
      ? { kind: "place", ...canvas.middleOf(row, column) } : { kind: "channel", index: row * PER_LINE + column }) });
  const name = (row, column) => (over ? placed(row, column)
    : say(`channel ${row * PER_LINE + column + 1}:`, `通道 ${row * PER_LINE + column + 1}：`));
  return (selection) => {
    place = null;
    if (over && selection.kind === "place") place = canvas.placeAt(selection.y, selection.x);
    if (!over && selection.kind === "channel")
      place = [Math.floor(selection.index / PER_LINE), selection.index % PER_LINE];
    if (place && !has(...place)) place = null;
    canvas.draw(place, cells, range);
    const best = `${say("largest", "最大")}${colon()}${strongestOf(cells, name)}`;
    const what = place && (over ? say(`place ${name(...place)}:`, `位置 ${name(...place)}：`) : name(...place));
    return place ? `${what} ${number(cells[place[0]][place[1]])}${then()}${best}` : best;
  };
}

/* Places that look at one another: that which is chosen is outlined, and its map is shown; else the mean of all. */
function queries(panel, arm, view, map, shared, image) {
  const [high, wide] = [map.values[0].length, map.values[0][0].length], merged = map.layer.merged || 1;
  const mean = map.values[0].map((line, row) => line.map((_, column) =>
    map.values.reduce((sum, each) => sum + each[row][column], 0) / map.values.length));
  const rangeFor = (cells) => shared || rangeOf([{ values: cells }], true);
  const stack = greyed(image), bar = element("div", {}, scale(rangeFor(mean), "viridis"));
  const canvas = canvasOf(stack, image, mean, rangeFor(mean), map.layer);
  const blocks = merged > 1 ? say(` (${merged} × ${merged} places as one)`, `（每 ${merged} × ${merged} 个位置合为一个）`) : "";
  panel.append(element("p", { class: "note" }, `${say(...map.layer.name)}${colon()}${sizeOf(mean)}${blocks}`), stack, bar);
  let place = null;
  pointable(canvas, `${arm}: ${named(view.name)}`, { has: (row, column) => row >= 0 && row < high && column >= 0 && column < wide,
    chosen: () => place, last: [high - 1, wide - 1], of: (row, column) => ({ kind: "place", ...canvas.middleOf(row, column) }) });
  return (selection) => {
    place = selection.kind === "place" ? canvas.placeAt(selection.y, selection.x) : null;
    const cells = place ? map.values[place[0] * wide + place[1]] : mean, range = rangeFor(cells);
    canvas.draw(place, cells, range);
    bar.replaceChildren(scale(range, "viridis"));
    const who = place ? placed(...place) : say("all places on average", "各位置平均");
    return `${who} ${say("looked most at", "看得最多的是")}${colon()}${strongestOf(cells, placed)}`;
  };
}

