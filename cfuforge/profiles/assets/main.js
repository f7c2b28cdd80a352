// The whole page: the comparison of all runs, then details of the selected run or layer.

function showMade(runs, run) {
  const { soc, design, tools } = run.run;
  const rows = [
    ["model", `${run.model.name}, SHA-256 ${run.model.sha256}`],
    ["board", soc.description ?? soc.name], ["CPU", soc.cpu_variant],
    ["design", design.spec], ...Object.entries(tools),
  ].filter(([, value]) => value);
  fillScroll("made-table", table("Versions of everything that made these numbers", [
    { head: "what", text: true, cell: ([name]) => name },
    { head: runs.length > 1 ? run.name : "value", text: true, kind: "version", cell: ([, value]) => value },
  ], rows));
}

function main() {
  const runs = JSON.parse(byId("data").textContent).map(unpack);
  nameRuns(runs);
  let run = runs.at(-1), index = null, part = 0; // the selected run and layer, and the zoomed call
  const chosen = () => ({ layer: index, run: run === runs.at(-1) ? "" : run.name });
  const choose = ({ layer = index, node }) => {
    const isNew = layer !== index;
    index = layer;
    part = node ?? callOf(run, index);
    if (isNew) history.pushState(null, "", address(chosen()));
    show();
  };
  const chooseRun = (at) => {
    run = runs[at];
    part = callOf(run, index);
    history.replaceState(null, "", address(chosen()));
    show();
  };

  function show() {
    const layer = run.layers.find((each) => each.index === index) ?? null;
    byId("layer-choice").replaceChildren(element("option", { value: "" }, "all layers"), ...run.layers.map((each) =>
      element("option", { value: each.index }, layerName(each))));
    byId("layer-choice").value = layer ? String(index) : "";
    showVerdict(run);
    fill("of", runs.length > 1 ? `The roofline, the calls, the code and the memory are those of ${run.name}.` : "");
    showLayerBars(runs, index, choose);
    showLayer(runs, run, layer, choose);
    showLayers(runs, run, index);
    showCauses(run, index);
    showRoofline(run, index, choose);
    const view = viewOf(run, index);
    showCalls(run, part, choose);
    showFunctions(view);
    showCode(view, run.calls[part]);
    showMemory(run, index);
    showMade(runs, run);
  }

  function follow() {
    const said = readAddress(), at = runs.findIndex(({ name }) => name === said.run);
    run = runs.at(at < 0 ? runs.length - 1 : at);
    if (runs.length > 1) byId("runs").querySelectorAll("input")[runs.indexOf(run)].checked = true;
    index = run.layers.some((layer) => layer.index === said.layer) ? said.layer : null;
    part = callOf(run, index);
    show();
    const where = said.section ? document.getElementById(said.section) : index === null ? null : byId("layer");
    where?.scrollIntoView();
  }

  const { soc } = runs[0].run;
  fill("subtitle", "Every clock cycle of one inference, with its cause, from the signals of the simulated hardware. ",
    new Set(runs.map(({ run }) => run.soc.name)).size === 1 ? `Board ${soc.name}: ${soc.description}.` : "");
  showCards(runs);
  if (runs.length > 1) {
    byId("runs").hidden = false;
    choice("runs", runs.map(({ name }) => name), runs.length - 1, chooseRun);
  }
  byId("layer-choice").addEventListener("change", ({ target }) => choose({ layer: target.value === "" ? null : Number(target.value) }));
  followLinks(chosen, choose);
  addEventListener("popstate", follow);
  follow();
  followTheReader();
}

main();
