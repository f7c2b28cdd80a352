// What of the page is cut, or wider than its place, unless that scrolls, says so and can be reached by keyboard.
() => {
  const found = [], wide = document.documentElement.clientWidth;
  const say = (what, element, more) => found.push(`${what}: ${element.tagName}#${element.id}.${element.className?.baseVal ?? element.className} ${more}`);
  const remembered = (compute, known = new Map()) => (element) => known.has(element) ? known.get(element) : known.set(element, compute(element)).get(element);
  const clipped = remembered((element) => element.parentElement && clipped(element.parentElement) || getComputedStyle(element).clipPath !== "none" && element.offsetWidth <= 2);
  const hidden = remembered((element) => !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    || element.closest("details:not([open])") && !element.closest("summary") || clipped(element));
  if (document.documentElement.scrollWidth > wide) say("page", document.documentElement, document.documentElement.scrollWidth);
  for (const element of (document.body ?? document.documentElement).querySelectorAll("*:not(svg *)")) {
    if (["SCRIPT", "STYLE", "OPTION", "SELECT", "svg"].includes(element.tagName) || hidden(element)) continue;
    const style = getComputedStyle(element);
    if (style.display === "inline" || !element.clientWidth) continue;
    if (element.scrollWidth > element.clientWidth + 1) {
      const hint = element.matches(".scroll.overflows") && element.querySelector(":scope > .hint");
      const ok = hint && hint.checkVisibility() && element.tabIndex === 0 && /auto|scroll/.test(style.overflowX);
      if (!ok) say("box", element, `${element.scrollWidth} > ${element.clientWidth}`);
    }
  }
  const walker = document.createTreeWalker(document.body ?? document.documentElement, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.data.trim() || parent.closest("script, style, svg, select, noscript") || hidden(parent) || parent.closest(".overflows")) continue;
    let block = parent;
    while (getComputedStyle(block).display.startsWith("inline") && block.parentElement) block = block.parentElement;
    const outer = block.getBoundingClientRect(), range = document.createRange();
    range.selectNodeContents(node);
    const whole = range.getBoundingClientRect(), right = Math.min(outer.right, wide) + 1.5, left = Math.max(outer.left, 0) - 1.5;
    if (whole.right <= right && whole.left >= left) continue;
    for (const { index, 0: word } of node.data.matchAll(/\S+/g)) {
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      for (const box of range.getClientRects()) {
        if (box.width && (box.right > right || box.left < left)) say("text", parent, `${word} ${box.right} > ${outer.right}`);
      }
    }
  }
  for (const text of document.querySelectorAll("svg text")) {
    if (!text.textContent.trim() || hidden(text)) continue;
    const inner = text.getBoundingClientRect(), outer = (text.closest("g.slice")?.querySelector("path") ?? text.closest("svg.main-svg") ?? text.closest("svg")).getBoundingClientRect();
    if (inner.width && (inner.left < outer.left - 1.5 || inner.right > outer.right + 1.5 || inner.top < outer.top - 2 || inner.bottom > outer.bottom + 2))
      say("drawn", text, `${text.textContent.slice(0, 40)} ${[inner.left, inner.right, outer.left, outer.right, inner.top, inner.bottom, outer.top, outer.bottom].map(Math.round)}`);
  }
  return found;
}
