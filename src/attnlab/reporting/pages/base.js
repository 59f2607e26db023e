"use strict";
/* The page's language and its scheme. Whoever writes texts of its own hears `page:language` on the document. */
const root = document.documentElement;
/* What a reader chose is kept for the next page, where the browser keeps anything at all. */
const kept = {
  get(name) { try { return localStorage.getItem(`attnlab.${name}`); } catch { return null; } },
  set(name, value) { try { localStorage.setItem(`attnlab.${name}`, value); } catch { /* it is for this page alone */ } },
};
const inChinese = () => root.lang.startsWith("zh");
function setLanguage(name) {
  root.lang = name;
  const suffix = inChinese() ? "zh" : "en";
  for (const each of document.querySelectorAll("[data-label-en]"))
    each.setAttribute("aria-label", each.getAttribute(`data-label-${suffix}`));
  for (const each of document.querySelectorAll("[data-text-en]"))
    each.textContent = each.getAttribute(`data-text-${suffix}`);
  for (const each of document.querySelectorAll("[data-alt-en]")) each.alt = each.getAttribute(`data-alt-${suffix}`);
  document.dispatchEvent(new CustomEvent("page:language"));
}
const isDark = () => (root.dataset.scheme
  ? root.dataset.scheme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
function showScheme() {
  for (const each of document.querySelectorAll("[data-leads]")) each.hidden = (each.dataset.leads === "dark") === isDark();
  document.dispatchEvent(new CustomEvent("page:scheme"));
}
document.getElementById("language").addEventListener("click", () => {
  setLanguage(inChinese() ? "en" : "zh-Hans");
  kept.set("language", root.lang);
});
document.getElementById("scheme").addEventListener("click", () => {
  root.dataset.scheme = isDark() ? "light" : "dark";
  kept.set("scheme", root.dataset.scheme);
  showScheme();
});
/* A table that is cut says so. */
const tables = document.querySelectorAll(".more + .scroll");
const cut = new ResizeObserver(() => {
  for (const box of tables) box.previousElementSibling.hidden = box.scrollWidth <= box.clientWidth + 1;
});
for (const box of tables) for (const each of [box, box.firstElementChild]) cut.observe(each);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showScheme);
document.querySelector(".settings").hidden = false;
if (["light", "dark"].includes(kept.get("scheme"))) root.dataset.scheme = kept.get("scheme");
/* A page that was made where Chinese is spoken opens in it, and for others, too, where their browser speaks it. */
setLanguage(/^zh\b/i.test(kept.get("language") || (inChinese() ? root.lang : navigator.language) || "") ? "zh-Hans" : "en");
showScheme();
