// The call tree as a top-down flame graph, and the functions.

// The children of the inference are its layers, in order.
const layerCalls = (run) => run.calls.map((_, index) => index).filter((index) => run.calls[index].parent === 0);
const callOf = (run, layer) => layerCalls(run)[run.layers.findIndex(({ index }) => index === layer)] ?? 0;

function layerOfCall(run, call) {
  let at = call;
  while (run.calls[at].parent > 0) at = run.calls[at].parent;
  return run.layers[layerCalls(run).indexOf(at)]?.index ?? null;
}

// A function's name with its class; that of a static function, with its file.
function shortCall({ name, file }) {
  const parts = name.split("::");
  const outer = parts.at(-2);
  if (outer && !outer.startsWith("(")) return parts.slice(-2).join("::");
  return outer ? `${parts.at(-1)}, ${file.split("/").at(-1)}` : name;
}

function showCalls(run, chosen, choose) {
  const totals = run.calls.map(({ cycles }) => cycles), depth = [];
  run.calls.forEach(({ cycles, parent }, index) => {
    depth.push(parent < 0 ? 1 : depth[parent] + 1);
    for (let at = parent; at >= 0; at = run.calls[at].parent) totals[at] += cycles;
  });
  const shown = run.calls.map((_, index) => index).filter((index) => totals[index] || index === chosen);
  const isOn = (index, call) => {
    let at = call;
    while (at > index) at = run.calls[at].parent;
    return at === index;
  };
  const zoom = byId("calls-zoom");
  const options = shown.filter((index) => depth[index] <= 2 || isOn(index, chosen) || run.calls[index].parent === chosen);
  zoom.replaceChildren(...options.map((index) => element("option", { value: index },
    "\u2003".repeat(depth[index] - 1), `${shortCall(run.calls[index])} (${percent(totals[index], run.cycles)})`)));
  zoom.value = String(chosen);
  const zoomTo = (call) => choose({ layer: layerOfCall(run, call), node: call });
  zoom.onchange = () => zoomTo(Number(zoom.value));
  const label = (index, width) => // only names in small boxes
    plain(shortCall(run.calls[index])) + (width < 800 ? "" : ` ${percent(totals[index], run.cycles)}`);
  chart("calls-chart", (width) => ({
    height: 40 + 26 * (Math.max(...shown.filter((index) => isOn(chosen, index)).map((index) => depth[index])) - depth[chosen] + 1),
    label: `Flame graph of ${run.name}: cycles by caller and callee`,
    clicked: (point) => {
      const call = Number(point.id);
      zoomTo(call === chosen ? Math.max(run.calls[call].parent, 0) : call);
    },
    data: [{
      type: "icicle", branchvalues: "total", sort: false,
      ids: shown.map(String), parents: shown.map((index) => (run.calls[index].parent < 0 ? "" : String(run.calls[index].parent))),
      labels: shown.map((index) => plain(shortCall(run.calls[index]))), values: shown.map((index) => totals[index]),
      level: String(chosen),
      tiling: { orientation: "v", pad: 1 }, pathbar: { side: "top", thickness: 22 }, textinfo: "text",
      text: shown.map((index) => label(index, width)), textposition: "middle left",
      hoverinfo: "text",
      hovertext: shown.map((index) => {
        const { name, file, cycles, calls } = run.calls[index];
        return `<b>${plain(name)}</b><br>${file ? `${plain(file)}<br>` : ""}${number(totals[index])} cycles, ${percent(totals[index], run.cycles)}<br>` +
          `${number(cycles)} its own` + (calls ? `<br>called ${number(calls)} ${calls === 1 ? "time" : "times"}` : "");
      }),
      marker: { colors: shown.map((index) => run.calls[index].cycles), cmin: 0, cmax: Math.max(...run.calls.map(({ cycles }) => cycles), 1),
        colorscale: [[0, colour("heat-0")], [0.25, colour("heat-1")], [1, colour("heat-2")]], line: { color: colour("page"), width: 1 } },
    }],
    layout: { uirevision: `${run.name} ${chosen}`, margin: { l: 0, r: 0, t: 26, b: 0 }, uniformtext: { minsize: 10, mode: "hide" } },
  }));
}

function showFunctions(view) {
  const { run } = view;
  const few = view.functions.filter(({ cycles }) => cycles >= 0.002 * view.cycles);
  const rows = few.map((each) => ({ ...each, where: each.file ? `${each.file}:${each.line}` : "" }));
  const rest = view.causes.map((count, cause) => count - sum(few.map((each) => each.causes[cause])));
  if (sum(rest)) {
    const others = view.functions.length - few.length;
    rows.push({ name: others ? `${number(others)} more` : "elsewhere", cycles: sum(rest), causes: rest, where: "" });
  }
  fill("functions-title", "Functions by their own cycles", view.layer ? `: ${viewName(view)}` : "");
  fillScroll("functions-table", table(`Functions, ${viewName(view)}`, [
    { head: "function", text: true, kind: "code", cell: (row) => row.name },
    { head: "own cycles", cell: (row) => number(row.cycles) },
    { head: `of ${view.of}`, kind: "bar", cell: (row) => bar(row.cycles, view.cycles, rows[0].cycles) },
    { head: "no instruction retired", secondary: true, cell: (row) => percent(lost(run, row.causes), row.cycles) },
    { head: "most cycles", text: true, secondary: true, cell: (row) => causeMark(run, row.causes) },
    { head: "defined in", text: true, kind: "code", secondary: true, cell: (row) => row.where },
  ], rows));
}
