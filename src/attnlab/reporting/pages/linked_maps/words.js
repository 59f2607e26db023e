const shownAs = (label) => (label === "</s>" ? say("⟨end⟩", "⟨结尾⟩") : label.replace(/▁/g, "") || "␣");
const quoted = (label) => (/^[\p{P}\p{S}]+$/u.test(label) ? say(`“${label}”`, `「${label}」`) : label);
const LEAST_SHADED = 0.01;  // of the largest weight
/* A piece's name; of pieces that are alike its place among all, too. */
function told(units, place) {
  const name = quoted(shownAs(units[place][0]));
  return units.filter(([label]) => shownAs(label) === shownAs(units[place][0])).length < 2 ? name
    : say(`${name} (piece ${place + 1})`, `${name}（第 ${place + 1} 个）`);
}
/* Words: buttons in lines, reached by one Tab and moved between by arrows. */
function words(panel, arm, view, map, range, texts) {
  const whose = (side) => (texts.shared[side.text] === undefined ? arm : "");  // an arm's own text, or that of all
  const textOf = (side) => (whose(side) ? texts.own : texts.shared)[side.text] || "";
  const alone = view.rows.text === view.columns.text;
  const lines = (alone ? [view.rows] : [view.rows, view.columns]).map((side, at) => {
    const line = element("div", { class: "line", dir: "auto", lang: "", role: "group",
      "aria-label": `${arm}: ${titled(side.text)}` });
    side.units.forEach(([label, start, end], place) => {
      const button = element("button", { type: "button", class: "unit", "aria-pressed": "false",
        tabindex: place ? "-1" : "0" }, shownAs(label));
      if (label.startsWith("▁")) button.style.marginInlineStart = ".35rem";
      const choose = (how) => select({ kind: "word", text: side.text, arm: whose(side), label, start, end,
        word: wordAt(textOf(side), start, end) }, how, button.getAttribute("aria-pressed") === "true");
      for (const event of ["pointerenter", "focus"]) button.addEventListener(event, () => choose("point"));
      button.addEventListener("click", () => choose("pin"));
      button.addEventListener("keydown", (event) => {
        if (!ARROWS[event.key] && !ENDS.includes(event.key)) return;
        event.preventDefault();
        if (event.key === "Home") return focus(lines[0], 0);
        if (event.key === "End") return focus(lines.at(-1), lines.at(-1).children.length - 1);
        const [down, right] = ARROWS[event.key];
        const there = down ? lines[at + down] : line;
        const reading = getComputedStyle(line).direction === "rtl" ? -right : right;
        if (there) focus(there, Math.min(there.children.length - 1, place + reading));
      });
      line.append(button);
    });
    panel.append(element("p", { class: "note" }, titled(side.text)), line);
    return line;
  });
  function focus(line, place) {
    const button = line.children[Math.max(0, place)];
    for (const each of line.children) each.tabIndex = each === button ? 0 : -1;
    button.focus();
  }
  panel.append(scale(range, range[0] < 0 ? "both" : "words"));
  return (selection) => {
    /* In the text that the choice is from, the pieces that meet it; in another arm's, those of the same word. */
    const meeting = (side) => {
      if (selection.text !== side.text) return [];
      const there = selection.arm === whose(side) ? selection : sameWord(textOf(side), selection);
      return side.units.flatMap(([label, start, end], place) => (there && ((start < there.end && there.start < end)
        || (start === end && label === selection.label && selection.start === selection.end)) ? [place] : []));
    };
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
        button.style.background = share > LEAST_SHADED
          ? `color-mix(in srgb, var(${colour}) calc(${depthOf(share)} * var(--strongest)), transparent)` : "";
        button.style.borderBottomColor = share > 0.1 ? "currentColor" : share > LEAST_SHADED ? `var(${colour})` : "";
        button.style.borderBottomWidth = `${1 + Math.round(3 * share)}px`;
      });
    });
    if (!rows.length && !columns.length) return selection.arm && selection.arm !== arm
      ? say("didn't write this word", "没有写这个词") : say("has no such word", "没有这个词");
    const copied = rows.length && view.copying ? `${then()}${say("copied: ", "复制：")}${number(view.copying[rows[0]])}` : "";
    const looks = rows.length || alone ? say("looks most at", "看得最多的是") : say("looked at most by", "看它最多的是");
    const side = rows.length ? view.columns : view.rows;
    return `${looks}${colon()}${strongest(weights, (place) => told(side.units, place))}${copied}`;
  };
}

/* A text's words in order, with where they start and end in code points. */
const segmenter = Intl.Segmenter ? new Intl.Segmenter(undefined, { granularity: "word" }) : null;
function wordsOf(text) {
  const parts = segmenter ? [...segmenter.segment(text)].map((each) => each.segment) : text.match(/\s+|\S+/g) || [];
  let done = 0;
  return parts.map((part) => ({ word: part.toLowerCase(), start: done, end: (done += Array.from(part).length) }))
    .filter((each) => each.word.trim());
}
/* The word that a piece stands in, and how many equal ones stand before it. */
function wordAt(text, start, end) {
  const all = wordsOf(text), found = all.find((each) => each.start < end && start < each.end);
  const isBefore = (each) => each.word === found.word && each.start < found.start;
  return found && { word: found.word, before: all.filter(isBefore).length };
}
/* Where another text has it: the equal word of the same turn, or the last. */
function sameWord(text, { word, start, end }) {
  if (start === end) return { start: NaN, end: NaN };  // a mark of the end, which its label tells
  const equal = word ? wordsOf(text).filter((each) => each.word === word.word) : [];
  return equal[Math.min(word ? word.before : 0, equal.length - 1)];
}
