// Unpacks the documents for the page; profiles/page.py packs their large parts.

function unpack(packed) {
  const run = { ...packed, members: members(packed.causes) };
  run.cycles = packed.run.cycles;
  run.clock = packed.run.soc.clock_hz;
  run.total = packed.causes.map((_, cause) => sum(packed.layers.map((layer) => layer.causes[cause])));
  run.instructions = packed.instructions.map(([address, number, text, file, line, inlined, ...rows]) => {
    const causes = new Array(packed.causes.length).fill(0), byLayer = [];
    for (let at = 0; at < rows.length; at += 3) {
      byLayer.push(rows.slice(at, at + 3));
      causes[rows[at + 1]] += rows[at + 2];
    }
    return { address, number, function: packed.functions[number], text, file: packed.files[file], line,
      inlined: packed.inlined[inlined], byLayer, causes, cycles: sum(causes) };
  });
  return run;
}

// The shortest distinct names of the runs: the designs, with differing parameters, with the board.
function nameRuns(runs) {
  const parameters = (each) => each.run.design.spec.split(/[:,]/).slice(1);
  const differing = (each) => {
    const others = runs.filter(({ run }) => run.design.name === each.run.design.name);
    return parameters(each).filter((text) => !others.every((other) => parameters(other).includes(text)));
  };
  const short = (each) => [each.run.design.name, differing(each).join(",")].filter(Boolean).join(":");
  const kinds = [short, (each) => `${short(each)} on ${each.run.soc.name}`];
  const distinct = kinds.find((kind) => new Set(runs.map(kind)).size === runs.length);
  runs.forEach((run, index) => {
    run.name = distinct ? distinct(run) : `${index + 1}: ${short(run)}`;
  });
}

const layerName = (layer) => (layer.index < 0 ? layer.text : `${layer.index} ${layer.text}`);
