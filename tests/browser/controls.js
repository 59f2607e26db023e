// What a reader can operate, in the order of the Tab key, and what the page looks like after it was.
(() => {
  const native = "a[href], button, input, select, textarea, summary";
  const shown = (each) => each.checkVisibility({ visibilityProperty: true }) && each.getClientRects().length > 0;
  const label = (each) => (each.labels && each.labels[0]) || each;
  const look = (each) => [each, label(each)].map((part) => {
    const style = getComputedStyle(part);
    return [style.outline, style.outlineOffset, style.boxShadow, style.border, style.background, style.left].join();
  }).join();
  const name = (each) => {
    const spoken = (each.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean)
      .map((id) => document.getElementById(id)?.innerText ?? "").join(" ");
    return (spoken || each.getAttribute("aria-label") || label(each).innerText || each.textContent || "").trim();
  };
  const scrolls = (each) => each.scrollWidth > each.clientWidth || each.scrollHeight > each.clientHeight;

  // Pictures make it megabytes, which needn't leave the page to be compared.
  const hashed = (text) => {
    let [one, other] = [0xdeadbeef, 0x41c6ce57];
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      [one, other] = [Math.imul(one ^ code, 2654435761), Math.imul(other ^ code, 1597334677)];
    }
    return `${text.length} ${one >>> 0} ${other >>> 0}`;
  };

  window.controls = {
    list() {
      const found = [...document.querySelectorAll(`${native}, [tabindex]`)].filter((each) => each.tabIndex >= 0
        && !each.disabled && shown(each) && !(each.type === "radio" && !each.checked));
      return found.map((each, number) => {
        each.controlNumber = number;
        each.controlLook = look(each);
        const box = each.getClientRects()[0];
        return {
          number,
          tag: each.localName,
          type: each.getAttribute("type") ?? "",
          role: each.getAttribute("role") ?? (each.matches(native) ? "native" : ""),
          name: name(each),
          kind: [each.localName, each.type ?? "", each.getAttribute("role") ?? "", each.className.baseVal ?? each.className,
            each.id ? "#" : ""].join(" "),
          id: each.id,
          chosen: ["aria-pressed", "aria-selected", "aria-checked", "aria-current"].some(
            (key) => (each.getAttribute(key) ?? "false") !== "false") || (each.type === "radio" && each.checked),
          onScreen: box.right > 0 && box.bottom + scrollY > 0,
        };
      });
    },
    get(number) {
      return [...document.querySelectorAll(`${native}, [tabindex]`)].find((each) => each.controlNumber === number);
    },
    isShown(number) {
      const each = this.get(number);
      return Boolean(each) && shown(each) && !each.disabled;
    },
    // What looks as if it could be clicked, and no control is.
    pretenders() {
      return [...document.body.querySelectorAll("*")].filter((each) => shown(each)
        && getComputedStyle(each).cursor === "pointer" && !each.closest(`${native}, label, [tabindex]`))
        .map((each) => each.outerHTML.slice(0, 120));
    },
    // Where the focus is: a control's number, or null at the page's end; and what a reader would miss there.
    focused() {
      const each = document.activeElement;
      if (!each || each === document.body || each === document.documentElement) return null;
      const faults = [];
      if (each.controlLook !== undefined && each.controlLook === look(each)) faults.push("looks the same with the focus");
      const box = label(each).getClientRects()[0];
      const x = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
      const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
      const above = document.elementFromPoint(x, y);
      if (!above) faults.push("isn't on the screen when it has the focus");
      else if (!each.contains(above) && !above.contains(each) && !label(each).contains(above)
        && !(each.ownerSVGElement && each.ownerSVGElement === above.ownerSVGElement))  // seen through each other
        faults.push(`lies beneath <${above.localName}> when it has the focus`);
      return { number: each.controlNumber ?? -1, scrolls: scrolls(each), html: each.outerHTML.slice(0, 120), faults };
    },
    state() {
      const body = document.body.cloneNode(true);
      for (const each of body.querySelectorAll("script, style")) each.remove();
      const values = [...document.querySelectorAll("input, select, textarea, details, canvas")].map((each) =>
        each.localName === "canvas" ? each.toDataURL() : [each.value, each.checked, each.open].join());
      const { lang, dataset } = document.documentElement;
      return hashed(JSON.stringify([body.outerHTML, values, lang, dataset, location.hash]));
    },
  };
})();
