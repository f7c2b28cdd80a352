// The table of layers, grouped by bottleneck: the cycles of each run, and the largest gain.

function bound(run, layer) {
  const group = largestGroup(run, layer.causes), advice = layer.advice[0];
  const worst = largest(layer.causes, (index) => !run.causes[index].retired);
  if (advice) return { key: advice.cost, remedy: advice.remedy, text: advice.text, removable: advice.removable };
  return {
    key: "", group, removable: worst < 0 ? 0 : layer.causes[worst],
    text: `mostly ${group.text}, ${percent(inGroup(run, group, layer.causes), layer.cycles, 0)}` +
      (worst < 0 ? "" : `; largest loss: ${run.causes[worst].text}`),
  };
}

// The layers by bottleneck, largest gain first; those without advice last.
function boundGroups(run) {
  const groups = new Map();
  run.layers.forEach((layer, at) => {
    const row = { at, layer, ...bound(run, layer) };
    groups.set(row.key, [...(groups.get(row.key) ?? []), row]);
  });
  const wins = (rows) => (rows[0].key ? sum(rows.map(({ removable }) => removable)) : -1);
  return [...groups.values()].sort((a, b) => wins(b) - wins(a));
}

function showLayers(runs, run, chosen) {
  const many = runs.length > 2;
  const most = Math.max(...run.layers.map(({ cycles }) => cycles));
  const aside = (each) => (runs.length > 3 && each !== run && each !== runs[0] ? "extra" : ""); // not in print
  const cyclesOf = (each, row) => (row.total ? each.cycles : each.layers[row.at].cycles);
  const faster = (each, row) => (cyclesOf(each, row) ? `${(cyclesOf(runs[0], row) / cyclesOf(each, row)).toFixed(1)}x` : "");
  const win = (text) => (row) => (row.total || !row.removable ? "" : text(row));
  const unit = (text) => element("span", { class: "unit" }, text);
  const columns = [
    { head: "layer", text: true, kind: "name", cell: (row) => (row.total ? "all" : layerLink(row.layer)) },
    { head: "MACs", secondary: true, kind: "extra other", cell: (row) => number(row.total ? run.model.macs : row.layer.macs).replace(/^0$/, "") },
    ...runs.map((each) => ({
      head: `cycles${runs.length > 1 ? `, ${each.name.replace(/[:,]/g, "$&\u200b")}` : ""}`, // may break there
      kind: `${aside(each)} ${each === run ? "" : "other"}`,
      cell: (row) => [number(cyclesOf(each, row)), each === run ? unit(" cycles") : "",
        ...(many && each !== runs[0] ? [element("span", { class: "times" }, faster(each, row))] : [])],
    })),
    ...(many ? [] : runs.slice(1)).map((each) => ({ head: "faster", cell: (row) => faster(each, row) })),
    { head: "of all", secondary: true, kind: "bar extra other", cell: (row) => row.total ? percent(1, 1) : bar(cyclesOf(run, row), run.cycles, most) },
    { head: "fixing it saves at most", kind: "win", cell: win((row) => [unit(row.key ? "saves at most " : "loses "), number(row.removable), unit(" cycles,")]) },
    { head: "of the layer", kind: "win", cell: win((row) => [element("b", {}, percent(row.removable, row.layer.cycles, 0)), unit(" of the layer,")]) },
    { head: "of all", kind: "win", cell: win((row) => [percent(row.removable, run.cycles), unit(" of all")]) },
  ];
  const groups = boundGroups(run), rows = [...groups.flat(), { total: true }];
  fill("layers-note", runs.length > 1 ? `Limits and savings are those of ${run.name}. ` : "",
    many ? `Below the cycles: the speed-up over ${runs[0].name}. ` : "",
    "A layer is bound by the cost of which the most can be saved. If nothing can be saved, its largest loss is shown.");
  const made = table(`Layers, ${run.name}`, columns, rows, (row) => ({
    class: row.total ? "total" : [row.key ? "layer" : "layer between", row.layer.index === chosen ? "chosen" : ""].join(" ").trim(),
    "data-row": row.total ? undefined : row.layer.index,
  }));
  const body = made.tBodies[0], lines = [...body.rows];
  body.remove();
  let at = 0;
  for (const group of groups) {
    const part = element("tbody", {}, groupHead(run, group, columns.length));
    for (const row of group) {
      part.append(lines[at]);
      if (!row.key || row.layer.index === chosen) part.append(element("tr", { class: `advice${row.layer.index === chosen ? " chosen" : ""}` },
        element("td", { colspan: columns.length }, unbroken(row.text))));
      at += 1;
    }
    made.append(part);
  }
  made.append(element("tbody", {}, lines[at]));
  fillScroll("layers-table", made);
}

// What the layers of a group have in common, shown once.
function groupHead(run, rows, columns) {
  const cycles = sum(rows.map(({ layer }) => layer.cycles)), removable = sum(rows.map((row) => row.removable));
  const { key, remedy } = rows[0];
  const layers = rows.filter(({ layer }) => layer.index >= 0).length;
  const size = `${layers ? `${plural(layers, "layer")}, ` : ""}${percent(cycles, run.cycles)} of all cycles`;
  const says = key ? `${remedy[0].toUpperCase()}${remedy.slice(1)} at most ${number(removable)} cycles, ${percent(removable, run.cycles)} of all.` : "";
  return element("tr", { class: "group" }, element("th", { colspan: columns, scope: "rowgroup" },
    element("b", {}, key ? key[0].toUpperCase() + key.slice(1) : "Nothing to advise"), size, key ? element("span", {}, says) : ""));
}

// A text or a share, with a bar behind it that is full if `part` equals `most`.
const bar = (part, whole, most = whole, text = percent(part, whole)) =>
  element("span", { class: "share", style: `--share: ${share(part, most).toFixed(1)}%` }, text);
