/* Objects: rectangles over the image, and what was looked at for the one that is chosen. */
const HUES_OF_CLASSES = 10;  // of the page's style
const hueOf = (label, classes) => `h${Math.max(0, classes.indexOf(label)) % HUES_OF_CLASSES}`;
const lookedAt = ({ looked }) => looked.heads[0].map((line) => line.map((value) => value * looked.unit));
const MOST_BOXES = 20;  // of an image are drawn, the surest; more bury it, and one another
function keepSurest(view) {
  view.many = view.found.length;
  view.found = [...view.found].sort((one, other) => other.score - one.score).slice(0, MOST_BOXES);
}
const surety = ([each, look]) => (look === "found" ? each.score : Infinity);
function boxes(panel, arm, view, shared, image) {
  const stack = element("div", { class: "stack" }, element("img", { src: image.address, alt: "" }));
  const drawing = element("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none", role: "group",
    "aria-label": `${arm}: ${named("boxes")}` });
  const all = [...view.there.map((each) => [each, "there"]), ...view.found.map((each) => [each, "found"])];
  const described = ([each, look]) => `${each.label} ${look === "there" ? say("(truth)", "（真值）") : number(each.score)}`;
  const placeOf = ({ box: [x, y, right, bottom] }) =>
    ({ x, y, width: Math.max(0, right - x), height: Math.max(0, bottom - y) });
  const isChosen = (place) => rects[place].getAttribute("aria-pressed") === "true";
  const choose = (place, how) => select({ kind: "box", box: all[place][0].box, arm, place }, how, isChosen(place));
  const rects = all.map(([each, look], place) => {
    const rect = element("rect", { ...placeOf(each), class: `${look} ${hueOf(each.label, view.classes)}`, role: "button",
      tabindex: place ? "-1" : "0", "aria-pressed": "false", "aria-label": described([each, look]) });
    rect.addEventListener("focus", () => choose(place, "point"));
    rect.addEventListener("keydown", (event) => {
      const to = { Home: 0, End: rects.length - 1 }[event.key], [down, right] = ARROWS[event.key] || [0, 0];
      if (isPin(event.key)) choose(place, "pin");
      else if (to === undefined && !ARROWS[event.key]) return;
      event.preventDefault();
      const next = rects[to === undefined ? (place + down + right + rects.length) % rects.length : to];
      rects.forEach((one) => one.setAttribute("tabindex", one === next ? "0" : "-1"));
      next.focus();
    });
    return rect;
  });
  /* The surest above others, and what is true above what was found. */
  const order = all.map((_, place) => place).sort((one, other) => surety(all[one]) - surety(all[other]));
  for (const place of order) drawing.append(element("rect", { ...placeOf(all[place][0]), class: "halo" }), rects[place]);
  const raised = ["ground", "top"].map((name) => element("rect", { class: name, visibility: "hidden" }));
  drawing.append(...raised);
  const at = (event) => {
    const shape = drawing.getBoundingClientRect(), x = (event.clientX - shape.left) / shape.width;
    return pointedAt(all, x, (event.clientY - shape.top) / shape.height);
  };
  drawing.addEventListener("mousedown", (event) => event.preventDefault());  // which would focus the box that lies on top
  drawing.addEventListener("pointermove", (event) => {
    const place = at(event);
    if (place !== undefined && !isChosen(place)) choose(place, "point");
  });
  /* A click without a place is of a reader's aid. */
  drawing.addEventListener("click", (event) => {
    const place = event.detail ? at(event) : rects.indexOf(event.target);
    if (rects[place]) choose(place, "pin");
  });
  stack.append(drawing);
  panel.append(stack);
  const cut = view.many > MOST_BOXES;
  const counted = say(`${view.many} found${cut ? ` (the ${MOST_BOXES} surest are drawn)` : ""}, ${view.there.length} there`,
    `检出 ${view.many}${cut ? `（只画分数最高的 ${MOST_BOXES} 个）` : ""}，实有 ${view.there.length}`);
  const bar = element("div");
  panel.append(bar, element("p", { class: "note" }, counted));
  let canvas = null;
  return (selection) => {
    const near = all.map(([each], place) => [overlap(each.box, selection.box || [0, 0, 0, 0]), place])
      .filter(([share, place]) => share >= 0.5 && all[place][1] === "found").sort((one, other) => other[0] - one[0])[0];
    const place = selection.kind !== "box" ? null : selection.arm === arm ? selection.place : near ? near[1] : null;
    rects.forEach((rect, at) => rect.setAttribute("aria-pressed", String(at === place)));
    raised.forEach((rect) => rect.setAttribute("visibility", place === null ? "hidden" : "visible"));
    drawing.classList.toggle("chosen", place !== null);
    if (canvas) canvas.remove();
    canvas = null;
    bar.replaceChildren();
    if (selection.kind !== "box") return "";
    if (place === null) return say("nothing found there", "此处没有检出");
    raised[1].setAttribute("class", `top ${hueOf(all[place][0].label, view.classes)}`);
    for (const rect of raised)
      for (const [name, value] of Object.entries(placeOf(all[place][0]))) rect.setAttribute(name, value);
    const own = all[place][0];
    const truth = view.there.map((each) => [overlap(each.box, own.box), each.label])
      .filter(([share]) => share >= 0.5).sort(([one], [other]) => other - one)[0];
    const text = all[place][1] === "there" ? described(all[place])
      : `${described(all[place])}${say(", ", "，")}${truth ? `${say("truth", "真值")}${colon()}${truth[1]}` : say("no object there", "此处无目标")}`;
    if (!own.looked) return text;
    const cells = lookedAt(own), range = shared || rangeOf([{ values: cells }], true);
    canvas = canvasOf(stack, image, cells, range, own.looked);
    stack.insertBefore(canvas, drawing);
    bar.replaceChildren(scale(range, "viridis"));
    return `${text}${then()}${say("looked at most", "看得最多的是")}${colon()}${strongestOf(cells, placed)}`;
  };
}
/* Of the boxes around a point the smallest, or the surest of those that lie as it does. */
function pointedAt(all, x, y) {
  const area = ([{ box: [left, top, right, bottom] }]) => (right - left) * (bottom - top);
  const around = all.map((each, place) => [each, place])
    .filter(([[{ box: [left, top, right, bottom] }]]) => left <= x && x <= right && top <= y && y <= bottom)
    .sort(([one], [other]) => area(one) - area(other));
  const alike = around.filter(([[each]]) => overlap(each.box, around[0][0][0].box) >= 0.7);
  const sure = ([each, look]) => (look === "found" ? each.score : -1);
  return alike.sort(([one], [other]) => sure(other) - sure(one)).map(([, place]) => place)[0];
}
