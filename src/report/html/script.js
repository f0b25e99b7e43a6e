"use strict";
(() => {
  // More specs than this are not opened at once: the page would stand still.
  const MOST = 100;
  const specs = [...document.querySelectorAll("details.spec")];
  const blocks = [...document.querySelectorAll("script.packed")];
  const unpacked = new Map();
  const search = document.getElementById("search");
  const chips = [...document.querySelectorAll("input[name=status]")];
  const shown = document.getElementById("shown");

  async function block(at) {
    if (!unpacked.has(at)) {
      const bytes = Uint8Array.from(atob(blocks[at].textContent), (c) => c.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
      unpacked.set(at, new Response(stream).json());
    }
    return unpacked.get(at);
  }

  async function fill(spec) {
    const body = spec.querySelector(".body");
    if (!blocks.length || body.childElementCount) return;
    const at = Number(spec.dataset.at);
    const pieces = await block(Math.floor(at / TOGETHER));
    if (!body.childElementCount) body.innerHTML = pieces[at % TOGETHER];
  }

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = new Set(chips.filter((chip) => chip.checked).map((chip) => chip.value));
    let count = 0;
    for (const spec of specs) {
      const text = spec.dataset.text;
      const fits = wanted.has(spec.dataset.status) && words.every((word) => text.includes(word));
      spec.hidden = !fits;
      if (fits) count += 1;
    }
    const all = specs.length === 1 ? "1 spec" : `${specs.length} specs`;
    shown.textContent = count === specs.length ? all : `${count} of ${all}`;
    document.getElementById("none").hidden = count > 0 || specs.length === 0;
  }

  function clear() {
    search.value = "";
    for (const chip of chips) chip.checked = true;
    filter();
  }

  // What scrolls sideways can be reached, and so scrolled, by keys.
  function reachable() {
    for (const box of document.querySelectorAll(".scroll")) {
      if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  }

  document.addEventListener("toggle", (event) => {
    if (!event.target.open) return;
    const filled = event.target.matches?.("details.spec") ? fill(event.target) : Promise.resolve();
    filled.then(reachable);
  }, true);
  addEventListener("resize", reachable);
  search.addEventListener("input", filter);
  for (const chip of chips) chip.addEventListener("change", filter);
  document.querySelector("form.controls").addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("open").addEventListener("click", () => {
    const fitting = specs.filter((spec) => !spec.hidden);
    for (const spec of fitting.slice(0, MOST)) spec.open = true;
    if (fitting.length > MOST) shown.textContent = `the first ${MOST} of ${fitting.length} specs are open`;
  });
  document.getElementById("close").addEventListener("click", () => {
    for (const spec of specs) spec.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches?.("input[type=search]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && typing) {
      search.value = "";
      filter();
    }
  });
  async function follow() {
    const spec = document.getElementById(location.hash.slice(1));
    if (!spec?.matches("details.spec")) return;
    if (spec.hidden) clear();
    spec.open = true;
    await fill(spec);
    spec.scrollIntoView();
    spec.querySelector("summary").focus({ preventScroll: true });
  }
  addEventListener("hashchange", follow);
  filter();
  reachable();
  // The browser's own jump, at the end of loading, takes the focus away.
  if (document.readyState === "complete") follow();
  else addEventListener("load", () => requestAnimationFrame(() => setTimeout(follow)));
  document.documentElement.dataset.ready = "true";
})();
