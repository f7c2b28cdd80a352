// What the inference costs, and one sentence on what binds it.

function showCards(runs) {
  fill("cards", runs.map((run, index) => {
    const facts = [
      ["cycles", number(run.cycles)],
      [`ms at ${number(run.clock / 1e6)} MHz`, ((1e3 * run.cycles) / run.clock).toFixed(2)],
      ["MACs a cycle", rate(run.model.macs / run.cycles)],
    ];
    if (index) facts.push([`as fast as ${runs[0].name}`, `${(runs[0].cycles / run.cycles).toFixed(2)}x`]);
    const own = run.layers.filter((layer) => layer.kernel.startsWith(`${run.run.design.name}/`));
    const withMacs = run.layers.filter((layer) => layer.macs);
    const by = run.run.design.name === "none" ? "plain C kernels, no CFU"
      : `its kernels computed ${own.filter((layer) => layer.macs).length} of the ${withMacs.length} layers with MACs`;
    return element("article", { class: "card" },
      element("h2", {}, run.run.design.spec),
      element("p", {}, `Board ${run.run.soc.name}; ${by}.`),
      element("dl", {}, facts.map(([term, value]) => element("div", {}, element("dt", {}, term), element("dd", {}, value)))));
  }));
}

function showVerdict(run) {
  const group = largestGroup(run, run.total);
  const order = run.total.map((_, index) => index)
    .filter((index) => !run.causes[index].retired && run.total[index])
    .sort((a, b) => run.total[b] - run.total[a]).slice(0, 3);
  const wins = run.layers.filter((layer) => layer.advice.length)
    .sort((a, b) => b.advice[0].removable - a.advice[0].removable);
  const parts = [
    element("b", {}, `${run.name} is bound by ${group.text}: ${percent(inGroup(run, group, run.total), run.cycles)} of its cycles. `),
    `In ${percent(lost(run, run.total), run.cycles)} no instruction retired: `,
    order.map((index) => `${run.causes[index].text} ${percent(run.total[index], run.cycles)}`).join(", "), ". ",
  ];
  if (wins.length) {
    const [first] = wins;
    parts.push(`The largest single win is in layer ${layerName(first)}: ${first.advice[0].text} `,
      `(${percent(first.advice[0].removable, run.cycles)} of the inference).`);
  }
  fill("verdict", parts);
}
