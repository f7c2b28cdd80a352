// The table of layers: every run's cycles, what binds a layer of the chosen run, and the most to win.

function bound(run, layer) {
  const group = largestGroup(run, layer.causes), advice = layer.advice[0];
  const worst = largest(layer.causes, (index) => !run.causes[index].retired);
  const text = advice ? advice.text
    : worst < 0 ? "" : `largest loss: ${run.causes[worst].text}`;
  return {
    text, advised: Boolean(advice), cost: advice?.cost,
    group, groupCycles: inGroup(run, group, layer.causes),
    removable: advice ? advice.removable : worst < 0 ? 0 : layer.causes[worst],
  };
}

function showLayers(runs, run) {
  const many = runs.length > 2, last = run.layers.length - 1;
  const most = Math.max(...run.layers.map(({ cycles }) => cycles));
  const aside = (each) => (runs.length > 3 && each !== run && each !== runs[0] ? "extra" : ""); // not on paper
  const cyclesOf = (each, row) => (row.total ? each.cycles : each.layers[row.at].cycles);
  const faster = (each, row) => (cyclesOf(each, row) ? `${(cyclesOf(runs[0], row) / cyclesOf(each, row)).toFixed(1)}x` : "");
  const rows = run.layers.map((layer, at) => ({ at, layer, ...bound(run, layer) }));
  rows.push({ total: true });
  const columns = [
    { head: "layer", text: true, kind: "name", cell: (row) => (row.total ? "all" : layerName(row.layer)) },
    { head: "MACs", secondary: true, kind: "extra", cell: (row) => number(row.total ? run.model.macs : row.layer.macs).replace(/^0$/, "") },
    ...runs.map((each) => ({
      head: `cycles${runs.length > 1 ? `, ${each.name.replace(/[:,]/g, "$&\u200b")}` : ""}`, // may break there
      secondary: each !== run, kind: aside(each),
      cell: (row) => [number(cyclesOf(each, row)), ...(many && each !== runs[0] ? [" ", element("b", {}, faster(each, row))] : [])],
    })),
    ...(many ? [] : runs.slice(1)).map((each) => ({ head: "faster", cell: (row) => faster(each, row) })),
    { head: "of all", secondary: true, kind: "bar extra", cell: (row) => row.total ? percent(1, 1) : bar(cyclesOf(run, row), run.cycles, most) },
    { head: "what binds it", text: true, kind: "why", cell: (row) => row.total ? "" : row.cost ?? [
      swatch(row.group), `${row.group.text} ${percent(row.groupCycles, row.layer.cycles, 0)}`] },
    { head: "fixing it wins at most", kind: many ? "win stacked" : "win", cell: (row) => row.total || !row.removable ? "" : [
      element("b", {}, percent(row.removable, row.layer.cycles, 0)), " of the layer",
      element("span", { class: "note" }, `${number(row.removable)} cycles, ${percent(row.removable, run.cycles)} of all`),
    ] },
  ];
  fill("layers-note", runs.length > 1 ? `What binds a layer and what can be won are those of ${run.name}. ` : "",
    many ? `Behind cycles: how many times as fast as ${runs[0].name}. ` : "",
    "What binds a layer is what costs most of what can go; where no advice is, its largest cost is named, and its largest loss in grey.");
  const made = table("Layers", columns, rows, (row) => ({
    class: row.total ? "total" : row.at === last ? "layer between" : "layer",
  }));
  [...made.tBodies[0].rows].forEach((row, at) => {
    const { text, advised } = rows[at];
    if (text) row.after(element("tr", {}, element("td", { colspan: columns.length, class: advised ? "advice" : "advice loss" }, text)));
  });
  fill("layers-table", made);
}

// A text, or a share, with a bar behind it that is full where `part` is `most`.
const bar = (part, whole, most = whole, text = percent(part, whole)) =>
  element("span", { class: "share", style: `--share: ${share(part, most).toFixed(1)}%` }, text);
