// The selected layer: its cost, causes, advice, CFU instructions and what the CFU did by itself.

function showLayer(runs, run, layer, choose) {
  const where = byId("layer");
  where.hidden = !layer;
  if (!layer) return where.replaceChildren();
  const at = run.layers.indexOf(layer), first = runs[0].layers[at];
  const facts = [
    ["cycles", number(layer.cycles)], ["of all", percent(layer.cycles, run.cycles)],
    ...(run !== runs[0] && layer.cycles ? [[`as fast as ${runs[0].name}`, `${(first.cycles / layer.cycles).toFixed(1)}x`]] : []),
    ...(layer.macs ? [["MACs per cycle", rate(layer.macs / layer.cycles)]] : []),
    ...(layer.memory_bytes ? [["bytes of loads and stores", number(layer.memory_bytes)]] : []),
  ];
  const order = layer.causes.map((_, index) => index).filter((index) => layer.causes[index])
    .sort((a, b) => layer.causes[b] - layer.causes[a]);
  const step = (text, to) => {
    const made = element("button", { type: "button", disabled: to === undefined }, text);
    made.addEventListener("click", () => choose({ layer: to?.index ?? null }));
    return made;
  };
  where.replaceChildren(
    element("div", { class: "headed" },
      element("h2", {}, layer.index < 0 ? `Cycles ${layer.text}` : `Layer ${layerName(layer)}`, runs.length > 1 ? `, ${run.name}` : ""),
      element("div", { class: "screen" },
        step("Previous", run.layers[at - 1]), " ", step("Next", run.layers[at + 1]), " ", step("All layers", null))),
    factList(facts),
    element("div", { class: "columns" },
      element("div", {}, element("h3", {}, "Its cycles"), causesOf(run, layer, order)),
      element("div", {}, element("h3", {}, "What can be saved"),
        layer.advice.length ? element("ul", {}, layer.advice.map(({ text }) => element("li", {}, `${unbroken(text)}.`)))
          : element("p", { class: "note" }, "No known change saves 5\u00a0% of it.")),
      ...cfuInstructions(layer), ...cfuActivities(layer)));
}

function causesOf(run, layer, order) {
  return element("dl", { class: "parts" }, order.flatMap((index) => [
    element("dt", {}, swatch(groupOf(run, index)), run.causes[index].text),
    element("dd", {}, `${number(layer.causes[index])}, ${percent(layer.causes[index], layer.cycles)}`)]));
}

function cfuInstructions(layer) {
  const names = Object.keys(layer.cfu);
  if (!names.length) return [];
  return [element("div", {}, element("h3", {}, "CFU instructions"),
    element("dl", { class: "parts" }, names.flatMap((name) => {
      const { retired, busy, hazard } = layer.cfu[name];
      const waits = [["the CPU waited", busy], ["it waited", hazard]].filter(([, cycles]) => cycles).map(([who, cycles]) => `${who} ${number(cycles)} cycles`);
      return [element("dt", {}, element("mark", {}, name)), element("dd", {}, [number(retired), ...waits].join("; "))];
    })))];
}

function cfuActivities(layer) {
  const did = Object.entries(layer.activities).filter(([, { cycles }]) => cycles);
  if (did.length < 2) return [];
  return [element("div", {}, element("h3", {}, "The CFU by itself"),
    element("dl", { class: "parts" }, did.flatMap(([name, { cycles, waited }]) => [
      element("dt", {}, name),
      element("dd", {}, [`${number(cycles)}, ${percent(cycles, layer.cycles)}`, ...(waited ? [`the CPU waited ${number(waited)}`] : [])].join("; "))])))];
}
