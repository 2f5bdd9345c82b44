// What a page must keep to for everybody: the answer lists what it does not. Evaluated in the page; `sizes` asks for the size of
// what fingers touch, `words` for what is said and how it can be read.
((what) => {
  const wrong = [];
  const name = (e) => e.outerHTML.replace(/\s+/g, " ").slice(0, 110);
  const seen = (e) => e.getClientRects().length > 0 && e.getBoundingClientRect().right > 0;
  const all = (css) => [...document.querySelectorAll(css)].filter(seen);

  if (document.documentElement.scrollWidth > document.documentElement.clientWidth) {
    const widest = all("body *").find((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth);
    wrong.push(`scrolls sideways at ${innerWidth} px, for ${widest && name(widest)}`);
  }
  whole();
  if (what.includes("sizes")) sizes();
  if (what.includes("words")) words();
  if (what.includes("colours")) colours();
  return wrong;

  // What is read or copied as one thing stands on one line: a number of a receipt, a word of a status.
  function whole() {
    for (const e of all("dd, .pill, .badge")) {
      const texts = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
      for (let n = texts.nextNode(); n; n = texts.nextNode()) {
        for (const m of n.data.matchAll(e.tagName === "DD" ? /(?<![\w-])[\d*]{6,19}(?![\w-])/g : /\S+/g)) {
          const range = document.createRange();
          range.setStart(n, m.index);
          range.setEnd(n, m.index + m[0].length);
          const lines = new Set([...range.getClientRects()].map((r) => Math.round(r.top)));
          if (lines.size > 1) wrong.push(`${m[0]} is broken into ${lines.size} lines at ${innerWidth} px`);
        }
      }
    }
  }

  // A link within a sentence is as small as its words (WCAG 2.5.8); all else takes a finger.
  function sizes() {
    const least = 40;
    for (const e of all("a[href], button, summary, select, textarea, input:not([type=hidden])")) {
      if (e.tagName === "A" && getComputedStyle(e).display === "inline" && e.closest("p, li, dd")) continue;
      const { width, height } = (e.type === "radio" || e.type === "checkbox" ? e.labels[0] : e).getBoundingClientRect();
      if (width < least || height < least) wrong.push(`${Math.round(width)} x ${Math.round(height)} px is small for a finger: ${name(e)}`);
    }
  }

  function words() {
    if (!document.documentElement.lang) wrong.push("no language");
    if (!document.title.trim()) wrong.push("no title");
    if (all("h1").length !== 1) wrong.push(`${all("h1").length} h1`);
    if (document.querySelectorAll("main").length !== 1) wrong.push("not one main");
    let level = 1;
    for (const e of all("h1, h2, h3, h4")) {
      if (Number(e.tagName[1]) > level + 1) wrong.push(`a heading skips a level: ${name(e)}`);
      level = Number(e.tagName[1]);
    }
    const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
    for (const id of ids.filter((id, i) => ids.indexOf(id) !== i)) wrong.push(`the id ${id} stands twice`);
    for (const e of document.querySelectorAll("[aria-describedby], [aria-labelledby]")) {
      for (const id of `${e.getAttribute("aria-describedby") ?? ""} ${e.getAttribute("aria-labelledby") ?? ""}`.trim().split(/\s+/)) {
        if (!ids.includes(id)) wrong.push(`nothing has the id ${id}, which is named by ${name(e)}`);
      }
    }
    const landmarks = all("nav, section[aria-label], section[aria-labelledby], form[aria-label], [role=search]").map((e) => {
      const by = e.getAttribute("aria-labelledby");
      return `${e.tagName} "${e.ariaLabel ?? document.getElementById(by)?.textContent.trim() ?? ""}"`;
    });
    for (const name of landmarks.filter((n, i) => landmarks.indexOf(n) !== i)) wrong.push(`two landmarks cannot be told apart: ${name}`);
    for (const e of all("input:not([type=hidden]), select, textarea")) {
      if (![...(e.labels ?? [])].some((l) => l.textContent.trim())) wrong.push(`no label: ${name(e)}`);
    }
    for (const e of all("a[href], button, summary")) {
      if (!(e.textContent.trim() || e.ariaLabel || e.querySelector("img[alt]:not([alt=''])"))) wrong.push(`no words: ${name(e)}`);
    }
    for (const e of all("img:not([alt])")) wrong.push(`no alt: ${name(e)}`);
  }

  // WCAG 1.4.3: text stands out from its ground by 4.5 : 1, large text by 3 : 1.
  function colours() {
    const parse = (text) => text.match(/[\d.]+/g).map(Number);
    const light = ([r, g, b]) => {
      const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const ground = (e) => {
      for (; e; e = e.parentElement) {
        const colour = parse(getComputedStyle(e).backgroundColor);
        if (colour.length < 4 || colour[3] === 1) return colour;
      }
      return [255, 255, 255];
    };
    for (const e of all("body *")) {
      if (e.closest("svg") || ![...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.textContent.trim())) continue;
      const style = getComputedStyle(e), size = parseFloat(style.fontSize);
      const [a, b] = [light(parse(style.color)), light(ground(e))];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      if (ratio < (large ? 3 : 4.5)) wrong.push(`contrast ${ratio.toFixed(2)}: ${name(e)}`);
    }
  }
})
