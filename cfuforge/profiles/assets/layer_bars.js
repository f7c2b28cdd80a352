// Each layer's cycles as stacked bars, with the runs side by side.

const CHUNK = 45; // bars per chart, including gaps between layers: they fit on a printed page

function showLayerBars(runs, chosen, choose) {
  const layers = runs[0].layers, step = runs.length + 0.7;
  const most = Math.max(...runs.flatMap((run) => run.layers.map((layer) => layer.cycles)));
  const each = Math.ceil(layers.length / Math.ceil((layers.length * step) / CHUNK));
  const isFaint = (layer) => chosen !== null && layer.index !== chosen;
  const places = [];
  for (let from = 0; from < layers.length; from += each) places.push(layers.slice(from, from + each).map((_, at) => from + at));
  if (byId("causes-chart").childElementCount !== places.length) fill("causes-chart", places.map((_, index) => element("div", { id: `causes-chart-${index}` })));

  function build(indices, inPercent, width) {
    const narrow = width < 600, limit = inPercent ? 100 : most;
    const whole = (layer) => (inPercent ? 100 : layer.cycles);
    const part = (count, layer) => (inPercent ? share(count, layer.cycles) : count);
    const bars = runs.flatMap((run, place) => indices.map((at) => ({ run, layer: run.layers[at], y: at * step + place })));
    const names = indices.map((at) => (narrow ? shortName(layers[at]) : cut(layerName(layers[at]))));
    const ends = (run, layer) => ` ${number(layer.cycles)}${runs.length > 1 ? ` ${cut(run.name, narrow ? 48 : 90)}` : ""}`;
    const plot = width - Math.max(...names.map((name) => textWidth(name))) - 24; // pixels
    const room = plot / Math.max(plot - Math.max(...bars.map(({ run, layer }) => textWidth(ends(run, layer), 11))) - 8, plot / 4);
    const data = GROUPS.map((group) => ({
      type: "bar", orientation: "h", name: group.text, width: 0.92,
      y: bars.map(({ y }) => y),
      x: bars.map(({ run, layer }) => part(inGroup(run, group, layer.causes), layer)),
      customdata: bars.map(({ layer }) => layer.index),
      marker: { color: colour(group.name), opacity: bars.map(({ layer }) => (isFaint(layer) ? 0.35 : 1)), line: { width: 0.5, color: colour("page") } },
      hoverinfo: "text",
      hovertext: bars.map(({ run, layer }) => [
        `<b>${plain(layerName(layer))}</b>, ${plain(run.name)}`,
        ...run.members.get(group).filter((index) => layer.causes[index]).map((index) =>
          `${plain(run.causes[index].text)}: ${number(layer.causes[index])} cycles, ${percent(layer.causes[index], layer.cycles)}`),
      ].join("<br>")),
      textposition: "none",
    }));
    data.push({
      type: "scatter", mode: "text", hoverinfo: "skip", cliponaxis: false, textposition: "middle right",
      y: bars.map(({ y }) => y), x: bars.map(({ layer }) => whole(layer)),
      text: bars.map(({ run, layer }) => plain(ends(run, layer))),
      textfont: { size: onPaper() ? 9 : 11, color: colour("faint") },
    });
    const middle = (runs.length - 1) / 2;
    return {
      data, clicked: ({ customdata }) => choose({ layer: customdata === chosen ? null : customdata }), height: 60 + indices.length * step * (onPaper() ? 11 : 17),
      label: `Bars: cycles of layers ${indices[0]} to ${indices.at(-1)} by cause; the table below has the numbers`,
      layout: {
        barmode: "stack", bargap: 0,
        xaxis: { range: [0, limit * room], side: "top", tickformat: inPercent ? "d" : "~s", ticksuffix: inPercent ? " %" : "", nticks: narrow ? 4 : 8,
          title: { text: inPercent ? "percent of the layer's cycles" : "cycles", font: { size: 12 } },
          ...(inPercent ? { tickvals: [0, 25, 50, 75, 100] } : {}) },
        yaxis: { autorange: false, range: [(indices.at(-1) + 1) * step - 0.9, indices[0] * step - 0.9], showgrid: false, zeroline: false,
          tickvals: indices.map((at) => at * step + middle),
          ticktext: names.map((name, index) => (layers[indices[index]].index === chosen ? `<b>${plain(name)}</b>` : plain(name))) },
      },
    };
  }

  const show = (unit) => places.forEach((indices, index) =>
    chart(`causes-chart-${index}`, (width) => build(indices, unit === 1, width)));
  fill("causes-legend", legend());
  showUnit = show;
  if (!byId("causes-unit").querySelector("input")) choice("causes-unit", ["cycles", "percent"], 0, (unit) => showUnit(unit));
  show(byId("causes-unit").querySelectorAll("input")[1].checked ? 1 : 0);
}

let showUnit;

const shortName = (layer) => (layer.index < 0 ? "between" : `${layer.index} ${layer.operator.length > 10 ? `${layer.operator.slice(0, 9)}…` : layer.operator}`);

function showCauses(run, chosen) {
  const shown = run.causes.map((_, index) => index).filter((index) => run.total[index]);
  const rows = [...run.layers.map((layer) => ({ name: layerLink(layer), index: layer.index, causes: layer.causes, cycles: layer.cycles })),
    { name: "all", causes: run.total, cycles: run.cycles, total: true }];
  fillScroll("causes-table", table(`Cycles by cause, ${run.name}`, [
    { head: "layer", text: true, kind: "name", cell: (row) => row.name },
    { head: "cycles", cell: (row) => number(row.cycles) },
    ...shown.map((index) => ({ head: run.causes[index].text, cell: (row) => number(row.causes[index]) })),
  ], rows, (row) => ({ class: row.total ? "total" : row.index === chosen ? "chosen" : undefined })));
}
