// Formats numbers, and makes elements.

const separated = new Intl.NumberFormat("en-US");
const number = (value) => separated.format(value);
const share = (part, whole) => (whole ? (100 * part) / whole : 0);
const percent = (part, whole, digits = 1) => `${share(part, whole).toFixed(digits)}\u00a0%`;
const sum = (values) => values.reduce((total, value) => total + value, 0);
const unbroken = (text) => text.replace(/ %/g, "\u00a0%");
const rate = (value) => (value ? value.toPrecision(3) : "0");
const hex = (value) => "0x" + value.toString(16);

// Escapes a text for Plotly, which interprets markup, since names are the user's.
const plain = (text) =>
  String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/%\{/g, "% {");

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== undefined));
  return made;
}

const factList = (facts) => element("dl", { class: "facts" },
  facts.map(([term, value]) => element("div", {}, element("dt", {}, term), element("dd", {}, value))));

const byId = (id) => document.getElementById(id);
const fill = (id, ...children) => byId(id).replaceChildren(...children.flat());

const plural = (count, noun) => `${number(count)} ${noun}${count === 1 ? "" : "s"}`;

// Makes content that is too wide scrollable, reachable by keyboard, and labelled.
const watched = new ResizeObserver((entries) => entries.forEach(({ target }) => {
  const box = target.closest(".scroll");
  if (!box) return;
  const over = box.scrollWidth > box.clientWidth + 1;
  box.classList.toggle("overflows", over);
  if (over) box.tabIndex = 0;
  else box.removeAttribute("tabindex");
}));

function fillScroll(id, content) {
  const box = byId(id);
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", content.caption?.textContent ?? id);
  box.replaceChildren(element("p", { class: "hint" }, "There are more columns to the right: scroll sideways."), content);
  watched.observe(box);
  watched.observe(content);
}

// A column is {head, cell(row), text: left-aligned, secondary: not on narrow screens, kind: classes}.
function table(caption, columns, rows, rowAttributes = () => ({})) {
  const kind = (column) =>
    [column.text ? "text" : "", column.secondary ? "secondary" : "", column.kind ?? ""].join(" ").trim() || undefined;
  const head = columns.map((column) =>
    element("th", { scope: "col", class: kind(column) }, column.head));
  const body = rows.map((row) => {
    const cells = columns.map((column, index) =>
      element(index ? "td" : "th", { class: kind(column), scope: index ? undefined : "row" }, column.cell(row)));
    return element("tr", rowAttributes(row), cells);
  });
  return element("table", {}, element("caption", {}, caption), element("thead", {}, element("tr", {}, head)),
    element("tbody", {}, body));
}

// A choice among texts, as radio buttons, which can be used with the keyboard.
function choice(id, texts, chosen, choose) {
  const options = texts.map((text, index) => {
    const input = element("input", { type: "radio", name: id, value: index });
    input.checked = index === chosen;
    input.addEventListener("change", () => choose(index));
    return element("label", {}, input, element("span", {}, text));
  });
  byId(id).append(...options);
}
