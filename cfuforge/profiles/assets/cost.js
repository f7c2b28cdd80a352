// The cost of the inference, and a sentence on its bottleneck.

function showCards(runs) {
  fill("cards", runs.map((run, index) => {
    const facts = [
      ["cycles", number(run.cycles)],
      [`ms at ${number(run.clock / 1e6)} MHz`, ((1e3 * run.cycles) / run.clock).toFixed(2)],
      ["MACs per cycle", rate(run.model.macs / run.cycles)],
    ];
    if (index) facts.push([`as fast as ${runs[0].name}`, `${((runs[0].cycles / runs[0].clock) / (run.cycles / run.clock)).toFixed(2)}x`]);
    return element("article", { class: "card" },
      element("h2", {}, run.run.design.spec),
      factList(facts),
      run.oracle.wrong_layer ? element("p", { class: "bad" }, exactness(run)) : undefined);
  }));
  const boards = new Set(runs.map(({ run }) => run.soc.name)).size > 1;
  const right = new Set(runs.filter(({ oracle }) => !oracle.wrong_layer).map(exactness));
  const note = (run) => `${boards ? `board ${run.run.soc.name}; ` : ""}${kernels(run)}.`;
  const notes = runs.length > 1 ? runs.map((run) => `${run.name}: ${note(run)}`) : [note(runs[0]).replace(/^./, (letter) => letter.toUpperCase())];
  fill("runs-note", notes.map((text) => element("p", {}, text)),
    [...right].map((text) => element("p", {}, text)));
}

// Whose kernels computed the layers.
function kernels(run) {
  if (run.run.design.name === "none") return "plain C kernels, no CFU";
  const withMacs = run.layers.filter((layer) => layer.macs);
  const own = withMacs.filter((layer) => layer.kernel.startsWith(`${run.run.design.name}/`));
  return `its kernels computed ${own.length} of the ${plural(withMacs.length, "layer")} with MACs`;
}

function exactness(run) {
  const { name, version, compared, wrong_layer: wrong } = run.oracle;
  if (wrong) return `This run is wrong: layers differ from ${name} ${version}'s. ${wrong}`;
  return `All ${number(compared)} values of the ${plural(run.layers.length - 1, "layer")} equal ${name} ${version}'s, bit for bit.`;
}

function showVerdict(run) {
  const group = largestGroup(run, run.total);
  const order = run.total.map((_, index) => index)
    .filter((index) => !run.causes[index].retired && run.total[index])
    .sort((a, b) => run.total[b] - run.total[a]).slice(0, 3);
  const totals = new Map(); // by rule, over all layers
  for (const layer of run.layers) for (const { cost, removable } of layer.advice) {
    const total = totals.get(cost) ?? { removable: 0, layers: 0 };
    totals.set(cost, { removable: total.removable + removable, layers: total.layers + 1 });
  }
  const [first] = [...totals].sort(([, a], [, b]) => b.removable - a.removable);
  const parts = [
    element("b", {}, first
      ? `${run.name} is bound by ${first[0]}: at most ${percent(first[1].removable, run.cycles)} of its cycles can be saved, in ${plural(first[1].layers, "layer")}. `
      : `${run.name} spends most on ${group.text}: ${percent(inGroup(run, group, run.total), run.cycles)}. `),
    `No instruction completes in ${percent(lost(run, run.total), run.cycles)}: `,
    order.map((index) => `${run.causes[index].text} ${percent(run.total[index], run.cycles)}`).join(", "), ".",
  ];
  fill("verdict", parts);
}
