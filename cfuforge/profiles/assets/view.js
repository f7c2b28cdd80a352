// A whole run or one of its layers: cycles, causes, functions and instructions.

function viewOf(run, index) {
  const layer = index === null ? null : run.layers.find((each) => each.index === index);
  if (!layer) return { run, layer: null, of: "all", cycles: run.cycles, causes: run.total, functions: run.functions, instructions: run.instructions };
  const functions = run.functions.map((each) => ({ ...each, causes: run.causes.map(() => 0), cycles: 0 }));
  const counted = run.instructions.map((each) => {
    const causes = run.causes.map(() => 0), own = functions[each.number];
    for (const [at, cause, cycles] of each.byLayer) {
      if (at !== index) continue;
      causes[cause] += cycles;
      own.causes[cause] += cycles;
      own.cycles += cycles;
    }
    return { ...each, causes, cycles: sum(causes), function: own };
  });
  return {
    run, layer, of: "the layer", cycles: layer.cycles, causes: layer.causes, instructions: counted.filter((each) => each.function.cycles),
    functions: functions.filter(({ cycles }) => cycles).sort((a, b) => b.cycles - a.cycles),
  };
}

const viewName = ({ run, layer }) => (layer ? `${run.name}, ${layer.index < 0 ? layer.text : `layer ${layerName(layer)}`}` : run.name);
