// The call tree as a flame graph from the top down, and the functions.

function showCalls(run) {
  const totals = run.calls.map(({ cycles }) => cycles);
  run.calls.forEach(({ cycles, parent }) => {
    for (let at = parent; at >= 0; at = run.calls[at].parent) totals[at] += cycles;
  });
  const depth = run.calls.map(({ parent }) => {
    let steps = 1;
    for (let at = parent; at >= 0; at = run.calls[at].parent) steps += 1;
    return steps;
  });
  const shown = run.calls.map((_, index) => index).filter((index) => totals[index]);
  const short = (name) => name.split("::").at(-1);
  const zoom = byId("calls-zoom");
  const label = (index, width) => // names alone where boxes are small
    plain(short(run.calls[index].name)) + (width < 800 ? "" : ` ${percent(totals[index], run.cycles)}`);
  const build = (width) => ({
    height: 40 + 26 * Math.max(...depth),
    label: `Flame graph of ${run.name}: cycles by caller and callee`,
    data: [{
      type: "icicle", branchvalues: "total", sort: false,
      ids: shown.map(String), parents: shown.map((index) => (run.calls[index].parent < 0 ? "" : String(run.calls[index].parent))),
      labels: shown.map((index) => plain(short(run.calls[index].name))), values: shown.map((index) => totals[index]),
      level: zoom.value || "0",
      tiling: { orientation: "v", pad: 1 }, pathbar: { side: "top", thickness: 22 }, textinfo: "text",
      text: shown.map((index) => label(index, width)), textposition: "middle left",
      hoverinfo: "text",
      hovertext: shown.map((index) => {
        const { name, cycles, calls } = run.calls[index];
        return `<b>${plain(name)}</b><br>${number(totals[index])} cycles, ${percent(totals[index], run.cycles)}<br>` +
          `${number(cycles)} its own` + (calls ? `<br>called ${number(calls)} ${calls === 1 ? "time" : "times"}` : "");
      }),
      marker: { colors: shown.map((index) => run.calls[index].cycles), cmin: 0, cmax: Math.max(...run.calls.map(({ cycles }) => cycles), 1),
        colorscale: [[0, colour("heat-0")], [0.25, colour("heat-1")], [1, colour("heat-2")]], line: { color: colour("page"), width: 1 } },
    }],
    layout: { uirevision: run.name, margin: { l: 0, r: 0, t: 26, b: 0 }, uniformtext: { minsize: 10, mode: "hide" } },
  });
  zoom.replaceChildren(...shown.filter((index) => depth[index] <= 2).map((index) =>
    element("option", { value: index }, `${run.calls[index].name} (${percent(totals[index], run.cycles)})`)));
  zoom.onchange = () => draw("calls-chart");
  chart("calls-chart", build);
  showFunctions(run);
}

function showFunctions(run) {
  const few = run.functions.filter(({ cycles }) => cycles >= 0.002 * run.cycles);
  const rest = run.functions.slice(few.length);
  const rows = few.map((each) => ({ ...each, where: each.file ? `${each.file}:${each.line}` : "" }));
  if (rest.length) rows.push({ name: `${number(rest.length)} more`, cycles: sum(rest.map(({ cycles }) => cycles)),
    causes: run.causes.map((_, cause) => sum(rest.map((each) => each.causes[cause]))), where: "" });
  fill("functions-table", table(`Functions, ${run.name}`, [
    { head: "function", text: true, kind: "code", cell: (row) => row.name },
    { head: "own cycles", cell: (row) => number(row.cycles) },
    { head: "of all", kind: "bar", cell: (row) => bar(row.cycles, run.cycles, few[0].cycles) },
    { head: "no instruction retired", secondary: true, cell: (row) => percent(lost(run, row.causes), row.cycles) },
    { head: "most cycles", text: true, secondary: true, cell: (row) => causeMark(run, row.causes) },
    { head: "defined in", text: true, kind: "code", secondary: true, cell: (row) => row.where },
  ], rows));
}
