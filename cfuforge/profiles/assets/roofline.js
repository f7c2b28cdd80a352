// MACs per byte against MACs per cycle, under the design's own ceilings.

function showRoofline(run, chosen, choose) {
  const { multipliers, cfu_bytes: bus, memory_bytes: port } = run.ceilings;
  const layers = run.layers.filter((layer) => layer.macs && layer.cycles);
  const roads = [
    { key: "memory_bytes", text: "loads and stores", symbol: "circle", colour: "data", slope: port, roof: "memory port", bytes: "by the bytes of its loads and stores" },
    { key: "cfu_bytes", text: "CFU bus", symbol: "diamond", colour: "wait", slope: bus, roof: "CFU bus", bytes: "by those of its CFU instructions: operands and results" },
  ];
  const reached = (layer) => layer.macs / layer.cycles;
  const perByte = (layer, road) => layer.macs / layer[road.key];
  const xs = layers.flatMap((layer) => roads.filter((road) => layer[road.key]).map((road) => perByte(layer, road)));
  fill("roofline-note", "The height of a mark is the speed of its layer. Above it, the slope of the same colour and the flat roof are the limits set by its bytes and by the multipliers.");
  const mark = (road) => element("span", { class: `mark ${road.symbol}`, style: `background: var(--${road.colour})` });
  fill("roofline-legend", element("ul", {}, roads.filter((road) => layers.some((layer) => layer[road.key])).map((road) =>
    element("li", {}, mark(road), road.bytes)), element("li", {}, "numbers: the layers")));
  const columns = [
    { head: "layer", text: true, kind: "name", cell: (layer) => layerLink(layer) },
    { head: "MACs", cell: (layer) => number(layer.macs) },
    { head: "MACs per cycle", cell: (layer) => rate(reached(layer)) },
    ...roads.flatMap((road) => [
      { head: `bytes, ${road.text}`, cell: (layer) => number(layer[road.key]) },
      { head: "MACs per byte", cell: (layer) => (layer[road.key] ? rate(perByte(layer, road)) : "") },
      { head: "bytes per cycle", cell: (layer) => rate(layer[road.key] / layer.cycles) },
    ]),
  ];
  fillScroll("roofline-table", table(`Roofline, ${run.name}: at most ${multipliers} MACs, ${port} bytes of loads and stores and ${bus} bytes of the CFU bus per cycle`,
    columns, layers, (layer) => ({ class: layer.index === chosen ? "chosen" : undefined })));
  if (!xs.length) return fill("roofline-chart", "No layer has MACs.");
  const left = Math.min(...xs) / 3, right = Math.max(Math.max(...xs) * 4, (multipliers / port) * 3);
  const bottom = Math.min(...layers.map(reached)) / 2.5, top = multipliers * 2.5;

  chart("roofline-chart", (width) => {
    const data = [];
    const used = roads.filter((road) => layers.some((layer) => layer[road.key]));
    for (const road of used) {
      const knee = multipliers / road.slope;
      data.push({ type: "scatter", mode: "lines", hoverinfo: "skip", x: [left, knee], y: [left * road.slope, multipliers],
        line: { color: colour(road.colour), width: 2 } });
    }
    data.push({ type: "scatter", mode: "lines", hoverinfo: "skip", x: [left, right], y: [multipliers, multipliers],
      line: { color: colour("ink"), width: 2 } });
    data.push({ type: "scatter", mode: "lines", hoverinfo: "skip", line: { color: colour("faint"), width: 1 },
      x: layers.flatMap((layer) => [...used.filter((road) => layer[road.key]).map((road) => perByte(layer, road)), null]),
      y: layers.flatMap((layer) => [...used.filter((road) => layer[road.key]).map(() => reached(layer)), null]) });
    for (const road of used) {
      const marked = layers.filter((layer) => layer[road.key]);
      data.push({ type: "scatter", mode: "markers", name: road.text, hoverinfo: "text",
        x: marked.map((layer) => perByte(layer, road)), y: marked.map(reached),
        hovertext: marked.map((layer) => `<b>${plain(layerName(layer))}</b><br>${rate(reached(layer))} MACs per cycle<br>` +
          `${rate(perByte(layer, road))} MACs per byte of ${road.text}<br>allow ${rate(Math.min(multipliers, perByte(layer, road) * road.slope))} MACs per cycle`),
        customdata: marked.map(({ index }) => index),
        marker: { symbol: road.symbol, size: marked.map((layer) => (layer.index === chosen ? 16 : 10)), color: colour(road.colour),
          opacity: marked.map((layer) => (chosen === null || layer.index === chosen ? 1 : 0.35)), line: { color: colour(chosen === null ? "page" : "ink"), width: 1 } } });
    }
    data.push(names(layers, (layer) => Math.max(...used.filter((road) => layer[road.key]).map((road) => perByte(layer, road))),
      reached, Math.log(right / left) / width, Math.log(top / bottom) / 420, width < 600 ? 3 : 6));
    const tilt = -Math.atan((Math.log(right / left) / (width - 70)) / (Math.log(top / bottom) / 400)) * (180 / Math.PI);
    const slopes = used.map((road) => {
      const from = Math.max(left, bottom / road.slope), to = Math.min(multipliers / road.slope, right);
      const long = (Math.log(to / from) / Math.log(right / left)) * (width - 70), x = from * (to / from) ** Math.min((width < 600 ? 50 : 95) / long, 0.5);
      return { x: Math.log10(x), y: Math.log10(x * road.slope), text: width < 600 ? road.roof : `${road.roof}, ${road.slope} bytes per cycle`,
        textangle: tilt, yshift: 10, xshift: -8, showarrow: false };
    });
    return {
      data, clicked: ({ customdata }) => customdata !== undefined && choose({ layer: customdata === chosen ? null : customdata }), height: 460,
      label: `Roofline of ${run.name}: MACs per byte against MACs per cycle; the table below has the numbers`,
      layout: {
        xaxis: { type: "log", range: [left, right].map(Math.log10), title: { text: "MACs per byte" }, ...ticks(left, right) },
        yaxis: { type: "log", range: [bottom, top].map(Math.log10), title: { text: "MACs per cycle" }, ...ticks(bottom, top) },
        annotations: [...slopes, { x: Math.log10(right), y: Math.log10(multipliers), xanchor: "right", yanchor: "bottom", showarrow: false,
          text: `multipliers, ${multipliers} ${multipliers === 1 ? "MAC" : "MACs"} per cycle` }],
      },
    };
  });
}

// The layers' numbers beside their marks; numbers that would overlap are joined.
function names(layers, x, y, xStep, yStep, most) {
  const clusters = [];
  for (const layer of layers) {
    const near = clusters.find((each) =>
      Math.abs(Math.log(x(layer) / each.x)) < 150 * xStep && Math.abs(Math.log(y(layer) / each.y)) < 13 * yStep);
    if (near) {
      near.numbers.push(layer.index);
      near.x = Math.max(near.x, x(layer));
    }
    else clusters.push({ x: x(layer), y: y(layer), numbers: [layer.index] });
  }
  return { type: "scatter", mode: "text", hoverinfo: "skip", textposition: "middle right", cliponaxis: false,
    x: clusters.map((each) => each.x), y: clusters.map((each) => each.y),
    text: clusters.map(({ numbers }) => "   " + (numbers.length > most ? `${numbers.slice(0, most - 1).join(", ")}, … ${numbers.at(-1)}` : numbers.join(", "))) };
}

// 1, 2 and 5 of every decade.
function ticks(from, to) {
  const values = [];
  for (let decade = Math.floor(Math.log10(from)); decade <= Math.log10(to); decade += 1) {
    for (const digit of [1, 2, 5]) values.push(Number((digit * 10 ** decade).toPrecision(1)));
  }
  return { tickvals: values, ticktext: values.map(String) };
}
