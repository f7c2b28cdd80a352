// Plotly in the page's colours, on the screen and on paper.

const charts = new Map(); // by id: a function that returns {data, layout, height}
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const ruler = document.createElement("canvas").getContext("2d");

// The width of a text in a chart in pixels, measured in bold, the widest.
function textWidth(text, size = 12) {
  ruler.font = `bold ${size}px system-ui, sans-serif`;
  return ruler.measureText(text).width;
}

function cut(text, pixels = 210) {
  if (textWidth(text) <= pixels) return text;
  let length = Math.min(text.length, 60);
  while (length > 1 && textWidth(`${text.slice(0, length)}…`) > pixels) length -= 1;
  return `${text.slice(0, length)}…`;
}

function draw(id) {
  const where = byId(id), { data, layout, height, label } = charts.get(id)(where.clientWidth);
  const axis = { gridcolor: colour("line"), zerolinecolor: colour("line"), linecolor: colour("line"), automargin: true, fixedrange: true };
  const ink = colour("ink"), page = colour("page");
  const axes = Object.fromEntries(
    Object.entries(layout).filter(([name]) => /^[xy]axis/.test(name)).map(([name, own]) => [name, { ...axis, ...own }]));
  waiting.delete(id);
  where.style.minHeight = "";
  where.parentElement.removeAttribute("aria-busy");
  where.parentElement.setAttribute("role", "img");
  where.parentElement.setAttribute("aria-label", label);
  Plotly.react(where, data, {
    font: { family: "system-ui, sans-serif", size: 12, color: ink },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    hoverlabel: { bgcolor: page, bordercolor: colour("line"), font: { family: "system-ui, sans-serif", color: ink, size: 12 }, align: "left" },
    showlegend: false, dragmode: false, margin: { l: 8, r: 8, t: 8, b: 8 }, uirevision: id,
    ...layout, ...axes, width: where.clientWidth, height,
  }, { displayModeBar: false, doubleClick: "reset", showTips: false });
  if (where.dataset.listens) return;
  where.dataset.listens = "yes";
  const click = (event) => charts.get(id)(where.clientWidth).clicked?.(event.points[0]);
  where.on("plotly_click", click);
  where.on("plotly_icicleclick", (event) => {
    setTimeout(() => click(event)); // after Plotly has handled it
    return false;
  });
}

// Tables come first: charts are drawn one by one after the page is shown, each in its place.
const waiting = new Set();

function chart(id, build) {
  const where = byId(id);
  charts.set(id, build);
  where.style.minHeight = `${build(where.clientWidth).height}px`;
  where.parentElement.setAttribute("aria-busy", "true");
  if (waiting.add(id).size === 1) setTimeout(drawNext);
}

function drawNext() {
  const [id] = waiting;
  if (id) draw(id);
  if (waiting.size) setTimeout(drawNext);
}

function redraw() {
  for (const id of charts.keys()) draw(id);
}

// In print the page is light and as wide as A4; charts are redrawn for it, and again for the screen.
const onPaper = () => document.documentElement.classList.contains("on-paper");

function paper(on) {
  document.documentElement.classList.toggle("on-paper", on);
  for (const box of document.querySelectorAll(".scroll")) { // paper does not scroll
    const table = box.querySelector("table");
    if (table) table.style.zoom = "";
    if (table && on && table.offsetWidth) table.style.zoom = Math.min(1, box.clientWidth / table.offsetWidth);
  }
  redraw();
}

function followTheReader() {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  matchMedia("print").addEventListener("change", (event) => paper(event.matches));
  addEventListener("beforeprint", () => paper(true));
  addEventListener("afterprint", () => paper(false));
  let width = document.documentElement.clientWidth, waiting;
  addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (document.documentElement.clientWidth !== width) redraw();
      width = document.documentElement.clientWidth;
    }, 100);
  });
}
