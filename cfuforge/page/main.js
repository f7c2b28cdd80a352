// The whole page: what all runs have, then the details of the chosen one.

function showMade(runs, run) {
  const { soc, design, tools } = run.run;
  fill("made-command", runs.map(({ command }) => command).join("\n"));
  const rows = [
    ["model", `${run.model.name}, SHA-256 ${run.model.sha256}`],
    ["board", soc.description ?? soc.name], ["CPU", soc.cpu_variant],
    ["design", design.spec], ...Object.entries(tools),
  ].filter(([, value]) => value);
  fill("made-table", table("Versions of everything that made these numbers", [
    { head: "what", text: true, cell: ([name]) => name },
    { head: runs.length > 1 ? run.name : "value", text: true, kind: "version", cell: ([, value]) => value },
  ], rows));
}

function showDetails(runs, run) {
  showVerdict(run);
  fill("of", runs.length > 1 ? `The roofline, the calls, the code and the memory are those of ${run.name}.` : "");
  showLayers(runs, run);
  showCauses(run);
  showRoofline(run);
  showCalls(run);
  showCode(run);
  showMemory(run);
  showMade(runs, run);
}

function main() {
  const runs = JSON.parse(byId("data").textContent).map(unpack);
  nameRuns(runs);
  const { soc } = runs[0].run;
  fill("subtitle", "Every clock cycle of one inference and its one cause, from the signals of the simulated hardware. ",
    new Set(runs.map(({ run }) => run.soc.name)).size === 1 ? `Board ${soc.name}: ${soc.description}.` : "");
  showCards(runs);
  showLayerBars(runs);
  if (runs.length > 1) {
    byId("runs").hidden = false;
    choice("runs", runs.map(({ name }) => name), runs.length - 1, (index) => showDetails(runs, runs[index]));
  }
  showDetails(runs, runs.at(-1));
  followTheReader();
}

main();
