// The memory map, and the contents of the tensor arena over time.

// The name, or nothing if it does not fit a box of `width` pixels.
const fits = (name, width) => (name.length * 7 < width - 8 ? plain(name) : "");
// As much of a tensor's name as fits: TFLite joins the paths of fused operators with semicolons, and the
// last part of a path is just the operator type.
const shortest = (name, width) => {
  const path = name.split(";")[0].split("/"), ends = path.map((_, from) => path.slice(from).join("/"));
  return [...ends.slice(0, -1), path.at(-2) ?? "", path.at(-1)].map((text) => fits(text, width)).find(Boolean) ?? "";
};
const TONES = ["heat-1", "access", "cfu", "cpu"]; // used in turn; names are written beside them

function showMemory(run, chosen) {
  const { regions, arena, arena_bytes: size } = run.memory;
  const used = (region) => sum(region.parts.map(({ bytes }) => bytes));
  const whole = (region) => `${region.name}: ${number(used(region))} of ${number(region.size)} bytes`;
  chart("memory-chart", (width) => ({
    height: 56 * regions.length + 50,
    label: "Bars: the parts of each memory; the table below has the numbers",
    data: regions.flatMap((region, place) => region.parts.map((part, index) => ({
      type: "bar", orientation: "h", y: [place], x: [share(part.bytes, used(region))], width: 0.5,
      marker: { color: colour(TONES[index % TONES.length]), line: { color: colour("page"), width: 1 } },
      text: [fits(part.name, (part.bytes / used(region)) * width)], textposition: "inside", insidetextanchor: "middle", textangle: 0, constraintext: "none",
      textfont: { color: colour("ink"), size: 11 },
      hoverinfo: "text", hovertext: [`<b>${plain(part.name)}</b><br>${number(part.bytes)} bytes at ${hex(part.begin)}`],
    }))),
    layout: {
      barmode: "stack",
      xaxis: { range: [0, 100], ticksuffix: " %", title: { text: "of what is in use" } },
      yaxis: { range: [regions.length - 0.5, -0.75], showticklabels: false, showgrid: false, zeroline: false },
      annotations: regions.map((region, place) => ({ x: 0, y: place - 0.26, xanchor: "left", yanchor: "bottom", showarrow: false, text: plain(whole(region)) })),
    },
  }));
  const rows = regions.flatMap((region) => region.parts.map((part) => ({ region, part })));
  fillScroll("memory-table", table("Memory map", [
    { head: "memory", text: true, cell: ({ region }) => region.name },
    { head: "part", text: true, cell: ({ part }) => part.name },
    { head: "begins at", cell: ({ part }) => hex(part.begin) },
    { head: "bytes", cell: ({ part }) => number(part.bytes) },
    { head: "of the memory", cell: ({ region, part }) => percent(part.bytes, region.size) },
  ], rows));
  showArena(run, arena, size, chosen);
}

function showArena(run, arena, size, chosen) {
  const operators = run.layers.filter(({ index }) => index >= 0);
  const planned = Math.max(0, ...arena.map((each) => each.offset + each.size));
  const last = Math.max(...arena.map((each) => each.last));
  const fullest = operators.map(({ index }) => sum(arena.filter((each) => each.first <= index && index <= each.last).map((each) => each.size)));
  const peak = largest(fullest);
  fill("arena-note", `${number(size)} bytes in all; tensors and scratch memory take ${number(planned)} of them`,
    peak < 0 ? "." : `; the most is in use at layer ${layerName(operators[peak])}: ${number(fullest[peak])} bytes.`,
    " Vertical: the place in the arena. Horizontal: the operators in order. Hatched: a kernel's scratch memory.");
  const drawn = (scratch, width) => {
    const those = arena.filter((each) => each.scratch === scratch);
    return {
      type: "bar", x: those.map((each) => (each.first + each.last) / 2), width: those.map((each) => each.last - each.first + 0.96),
      base: those.map((each) => each.offset), y: those.map((each) => each.size),
      marker: { color: scratch ? colour("soft") : those.map((_, index) => colour(TONES[index % TONES.length])),
        line: { color: colour("faint"), width: 0.7 }, pattern: scratch ? { shape: "/", fgcolor: colour("faint"), bgcolor: colour("page"), size: 7 } : {} },
      text: those.map((each) => (each.size * 400 > 16 * planned ? shortest(each.name, ((each.last - each.first + 1) * width) / operators.length) : "")),
      textposition: "inside", insidetextanchor: "middle", textangle: 0, constraintext: "none", textfont: { color: colour("ink"), size: 11 },
      hoverinfo: "text",
      hovertext: those.map((each) => `<b>${plain(each.name)}</b><br>${number(each.size)} bytes at ${number(each.offset)}<br>` +
        `operators ${each.first} to ${each.last}`),
    };
  };
  chart("arena-chart", (width) => {
    const step = width / operators.length, every = Math.ceil(24 / step);
    const ticks = operators.filter((_, index) => index % every === 0);
    return {
      height: 420, label: "Rectangles: the buffers of the arena over the operators; the table below has the numbers",
      data: [drawn(false, width), drawn(true, width)],
      layout: {
        barmode: "overlay", bargap: 0,
        shapes: chosen === null || chosen < 0 ? [] : [{ type: "rect", yref: "paper", x0: chosen - 0.5, x1: chosen + 0.5, y0: 0, y1: 1, line: { color: colour("link"), width: 2 } }],
        xaxis: { range: [-0.6, Math.max(last, operators.length - 1) + 0.6], tickvals: ticks.map(({ index }) => index), ticktext: ticks.map(({ index, operator }) => plain(step < 24 ? index : `${index} ${operator}`)), tickangle: step < 24 ? 0 : 60, tickfont: { size: 11 }, showgrid: false, zeroline: false },
        yaxis: { range: [0, planned * 1.02], title: { text: "bytes from the start of the arena", standoff: 12 }, tickformat: ",d" },
      },
    };
  });
  fillScroll("arena-table", table("Buffers in the arena", [
    { head: "buffer", text: true, kind: "name", cell: (row) => row.name },
    { head: "at", cell: (row) => number(row.offset) },
    { head: "bytes", cell: (row) => number(row.size) },
    { head: "from layer", cell: (row) => row.first },
    { head: "to layer", cell: (row) => row.last },
    { head: "", text: true, cell: (row) => (row.scratch ? "scratch" : "tensor") },
  ], arena));
}
