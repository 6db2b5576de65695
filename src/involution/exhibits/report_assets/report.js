// What the report does beyond being read: theme, contents, search, sorting, copying, definitions.
// Without this script every word of the page is there; whatever needs it is hidden until it runs.
"use strict";
(() => {
  const root = document.documentElement;
  const KEPT = "involution-report-theme";
  const MOST = 40; // results of a search that are listed

  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const text = (name, values = {}) =>
    Object.entries(values).reduce((said, [key, value]) => said.replace(`{${key}}`, value), document.body.dataset[name]);
  const say = (words) => { document.getElementById("said").textContent = words; };
  const make = (tag, attributes, ...inside) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.append(...inside);
    return element;
  };

  // A browser may refuse to remember anything for a file.
  const remembered = () => { try { return localStorage.getItem(KEPT); } catch { return null; } };
  const remember = (theme) => { try { localStorage.setItem(KEPT, theme); } catch { /* for this page only */ } };

  function setTheme() {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const button = document.getElementById("theme");
    const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
    const show = () => button.setAttribute("aria-pressed", isDark());
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      remember(root.dataset.theme);
      show();
    });
    dark.addEventListener("change", show);
    show();
  }

  function setContents() {
    const contents = document.querySelector("#contents > details");
    const wide = matchMedia("(min-width: 64rem)");
    const fit = () => { contents.open = wide.matches; };
    wide.addEventListener("change", fit);
    fit();
    const links = new Map(all("#contents > details > ul > li > a").map((link) => [link.hash.slice(1), link]));
    const mark = (name) => {
      for (const [of, link] of links) {
        link.parentElement.classList.toggle("current", of === name);
        if (of === name) link.setAttribute("aria-current", "location");
        else link.removeAttribute("aria-current");
      }
    };
    const seen = new Set();
    const sections = all("main > section");
    const watch = new IntersectionObserver((entries) => {
      for (const entry of entries) seen[entry.isIntersecting ? "add" : "delete"](entry.target);
      const first = sections.find((section) => seen.has(section));
      if (first) mark(first.id);
    }, { rootMargin: "0px 0px -60% 0px" });
    sections.forEach((section) => watch.observe(section));
  }

  const plain = (words) => words.normalize("NFKC").toLowerCase();

  function searchable() {
    return all("[data-find]").map((element) => {
      const head = element.querySelector("h3, summary, th, td");
      return {
        link: `#${encodeURIComponent(element.id)}`,
        title: head.textContent.trim(),
        kind: element.dataset.find,
        head: plain(head.textContent),
        words: plain(element.textContent),
      };
    });
  }

  function setSearch() {
    const input = document.getElementById("query");
    const list = document.getElementById("found");
    let index;
    const show = () => {
      index ??= searchable();
      const words = plain(input.value).split(/\s+/).filter(Boolean);
      const holds = (where) => words.every((word) => where.includes(word));
      const hits = words.length ? index.filter((entry) => holds(entry.words)) : [];
      hits.sort((one, other) => holds(other.head) - holds(one.head));
      list.replaceChildren(...hits.slice(0, MOST).map((hit) =>
        make("li", {}, make("a", { href: hit.link }, hit.title, make("small", {}, hit.kind)))));
      say(words.length ? text("found", { count: hits.length }) : "");
    };
    const move = (event, step) => {
      const places = [input, ...all("a", list)];
      const next = places[places.indexOf(document.activeElement) + step];
      if (next) { event.preventDefault(); next.focus(); }
    };
    input.addEventListener("input", show);
    input.form.addEventListener("submit", (event) => {
      event.preventDefault();
      list.querySelector("a")?.click();
    });
    input.form.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") move(event, 1);
      if (event.key === "ArrowUp") move(event, -1);
      if (event.key === "Escape") { input.value = ""; show(); input.focus(); }
    });
  }

  const written = (cell) => (cell.dataset.text ?? cell.textContent).trim();
  const number = (words) => {
    const bare = words.replace(/[,\s%*†]/g, "").replace("−", "-");
    return /^-?(\d+\.?\d*|\.\d+)$/.test(bare) ? Number(bare) : NaN;
  };

  // Empty cells stay last either way; what is equal stays in its order.
  function sorted(rows, column, down) {
    const keys = new Map(rows.map((row) => [row, written(row.cells[column])]));
    const filled = [...keys.values()].filter(Boolean);
    const numeric = filled.length > 0 && filled.every((key) => !Number.isNaN(number(key)));
    const compare = numeric
      ? (one, other) => number(one) - number(other)
      : (one, other) => one.localeCompare(other, root.lang, { numeric: true });
    return [...rows].sort((one, other) => {
      const [left, right] = [keys.get(one), keys.get(other)];
      if (!left || !right) return !left - !right;
      return down ? compare(right, left) : compare(left, right);
    });
  }

  function setSorting() {
    for (const table of all("table[data-sortable]")) {
      const body = table.tBodies[0];
      const original = [...body.rows];
      const heads = [...table.tHead.rows[0].cells];
      heads.forEach((head, column) => {
        head.dataset.text = head.textContent;
        if (!head.textContent.trim()) return;
        const button = make("button", { type: "button", className: "sort" }, "↕");
        button.setAttribute("aria-label", text("sort", { column: head.dataset.text }));
        button.addEventListener("click", () => {
          const before = head.getAttribute("aria-sort");
          const now = before === "ascending" ? "descending" : before === "descending" ? "" : "ascending";
          for (const other of heads) {
            other.removeAttribute("aria-sort");
            const mark = other.querySelector("button.sort");
            if (mark) mark.textContent = "↕";
          }
          if (now) head.setAttribute("aria-sort", now);
          button.textContent = { ascending: "↑", descending: "↓" }[now] ?? "↕";
          body.append(...(now ? sorted(original, column, now === "descending") : original));
        });
        head.append(button);
      });
    }
  }

  // As the files of tables are written: no formula for a spreadsheet, a minus that it can read.
  const field = (words) => {
    const read = words.replace(/−(?=[\d.∞])/g, "-");
    const calm = /^[=+\-@\t\r]/.test(read) && Number.isNaN(number(read)) ? `'${read}` : read;
    return /[",\n]/.test(calm) ? `"${calm.replaceAll('"', '""')}"` : calm;
  };
  const commaSeparated = (table) => [...table.rows].map((row) => [...row.cells].map(written).map(field).join(",")).join("\n") + "\n";

  async function copy(words) {
    try {
      await navigator.clipboard.writeText(words);
    } catch {
      const area = make("textarea", { value: words, className: "quiet" });
      document.body.append(area);
      const before = document.activeElement;
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      before?.focus();
      if (!done) throw new Error("refused");
    }
  }

  function setCopying() {
    for (const button of all("button.copy")) {
      const place = document.getElementById(button.dataset.of);
      button.addEventListener("click", () => {
        const file = place.querySelector("template.csv");
        const words = file ? file.content.textContent : commaSeparated(place.querySelector("table"));
        copy(words).then(() => say(text("copied")), () => say(text("refused")));
      });
    }
  }

  // Shown on hover and on focus, gone on Escape; the pointer may enter it.
  function setDefinitions() {
    const tip = document.getElementById("tooltip");
    const colon = root.lang.startsWith("zh") ? "：" : ": ";
    let leaving;
    const hide = () => { tip.hidden = true; };
    const show = (link) => {
      clearTimeout(leaving);
      const row = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (!row) return;
      const heads = [...row.closest("table").tHead.rows[0].cells].map(written);
      const lines = [...row.cells].map((cell, k) => [k ? heads[k] + colon : "", written(cell)]).filter(([, said]) => said);
      tip.replaceChildren(...lines.map(([head, said]) => make("p", {}, head, said)));
      tip.hidden = false;
      const box = link.getBoundingClientRect();
      const left = Math.max(8, Math.min(box.left, root.clientWidth - tip.offsetWidth - 8));
      const below = box.bottom + 6 + tip.offsetHeight < root.clientHeight || box.top < tip.offsetHeight + 6;
      tip.style.left = `${left + scrollX}px`;
      tip.style.top = `${(below ? box.bottom + 6 : box.top - tip.offsetHeight - 6) + scrollY}px`;
    };
    const leave = () => { clearTimeout(leaving); leaving = setTimeout(hide, 200); };
    for (const link of all("a.term")) {
      link.addEventListener("mouseenter", () => show(link));
      link.addEventListener("focus", () => show(link));
      link.addEventListener("mouseleave", leave);
      link.addEventListener("blur", hide);
    }
    tip.addEventListener("mouseenter", () => clearTimeout(leaving));
    tip.addEventListener("mouseleave", leave);
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  }

  function setDetails() {
    const open = () => {
      let name = location.hash.slice(1);
      try { name = decodeURIComponent(name); } catch { /* as it stands */ }
      const target = name && document.getElementById(name);
      const around = target && target.closest("details");
      if (around) { around.open = true; target.scrollIntoView(); }
    };
    addEventListener("hashchange", open);
    open();
    let closed = [];
    addEventListener("beforeprint", () => {
      closed = all("main details:not([open])");
      closed.forEach((one) => { one.open = true; });
    });
    addEventListener("afterprint", () => closed.forEach((one) => { one.open = false; }));
  }

  // Only what can be scrolled takes the keyboard's focus.
  function setScrolling() {
    const fit = (box) => {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    };
    const watch = new ResizeObserver((entries) => entries.forEach((entry) => fit(entry.target)));
    all(".wide").forEach((box) => watch.observe(box));
  }

  const kept = remembered();
  if (kept === "light" || kept === "dark") root.dataset.theme = kept;
  root.classList.add("scripted");
  document.addEventListener("DOMContentLoaded", () => {
    all("[data-scripted]").forEach((element) => { element.hidden = false; });
    [setTheme, setContents, setSearch, setSorting, setCopying, setDefinitions, setDetails, setScrolling].forEach((set) => set());
  });
})();
