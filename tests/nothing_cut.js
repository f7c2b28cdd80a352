// What of the page is cut, or wider than its place, unless that scrolls, says so and can be reached by keyboard.
() => {
  const found = [], wide = document.documentElement.clientWidth;
  const say = (what, element, more) => found.push(`${what}: ${element.tagName}#${element.id}.${element.className?.baseVal ?? element.className} ${more}`);
  const hidden = (element) => !element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || element.closest("details:not([open])") && !element.closest("summary")
    || [...ancestors(element)].some((each) => getComputedStyle(each).clipPath !== "none" && each.offsetWidth <= 2);
  function* ancestors(element) { for (let at = element; at instanceof Element; at = at.parentElement) yield at; }
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
    for (const { index, 0: word } of node.data.matchAll(/\S+/g)) {
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      for (const box of range.getClientRects()) {
        if (box.width && (box.right > Math.min(outer.right, wide) + 1.5 || box.left < outer.left - 1.5)) say("text", parent, `${word} ${box.right} > ${outer.right}`);
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
