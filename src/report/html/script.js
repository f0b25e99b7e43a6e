"use strict";
(() => {
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
    shown.textContent = count === specs.length ? `${count} specs` : `${count} of ${specs.length} specs`;
    document.getElementById("none").hidden = count > 0 || specs.length === 0;
  }

  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("details.spec") && event.target.open) fill(event.target);
  }, true);
  search.addEventListener("input", filter);
  for (const chip of chips) chip.addEventListener("change", filter);
  document.querySelector("form.controls").addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("open").addEventListener("click", () => {
    const some = specs.filter((spec) => !spec.hidden).slice(0, 100);
    for (const spec of some) spec.open = true;
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
  function follow() {
    const spec = /^#spec-\d+$/.test(location.hash) && document.querySelector(location.hash);
    if (spec) {
      spec.open = true;
      spec.scrollIntoView();
    }
  }
  addEventListener("hashchange", follow);
  filter();
  follow();
  document.documentElement.dataset.ready = "true";
})();
