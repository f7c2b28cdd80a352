// A function's source lines beside its instructions, each with its cycles and their main cause.

const AROUND = 2, GAP = 8; // lines shown around those with cycles; longer gaps are left out
const DEEP = /^ {17,}/, DEEPEST = " ".repeat(16); // indentation of aligned arguments
const COLD = 0.0025; // share of the function below which an instruction is left out in print

function showCode(view, call) {
  const listed = view.functions.filter((each) => view.instructions.some((instruction) => instruction.function === each));
  const twice = (name) => listed.filter((each) => each.name === name).length > 1;
  const select = byId("code-function");
  select.replaceChildren(...listed.map(({ name, cycles, file, line }, index) =>
    element("option", { value: index },
      `${name}${twice(name) ? ` (${file}:${line})` : ""}: ${number(cycles)} cycles, ${percent(cycles, view.cycles)}`)));
  select.onchange = () => showFunction(view, listed[select.value]);
  const called = listed.findIndex(({ name, file }) => name === call.name && file === call.file);
  select.value = Math.max(called, 0);
  if (listed.length) return showFunction(view, listed[Math.max(called, 0)]);
  fill("code-title", "Its instructions are unknown.");
  for (const id of ["code-note", "code-source", "code-instructions"]) fill(id);
}

function showFunction(view, chosen) {
  const { run } = view;
  const instructions = view.instructions.filter((each) => each.function === chosen);
  const layer = view.layer && (view.layer.index < 0 ? view.layer.text : `in layer ${layerName(view.layer)}`);
  fill("code-title", `${chosen.name}: ${number(chosen.cycles)} cycles${layer ? ` ${layer}` : ""}, ${percent(chosen.cycles, view.cycles)} of ${view.of}`);
  const cfu = instructions.filter(({ text }) => text.startsWith("cfu "));
  fill("code-note", chosen.file ? `${chosen.file}, line ${chosen.line}. ` : "",
    `${number(instructions.length)} instructions, ${number(cfu.length)} of them the CFU's. `,
    `Most cycles: ${run.causes[largest(chosen.causes)].text}, ${percent(Math.max(...chosen.causes), chosen.cycles)}.`,
    element("span", { class: "screen" }, " Click a line, or step with the arrow keys, to see the matching lines and instructions."));
  const lines = new Map();
  for (const each of instructions) {
    const key = `${each.file}:${each.line}`;
    const line = lines.get(key) ?? { key, file: each.file, line: each.line, inlined: each.inlined, cycles: 0, causes: run.causes.map(() => 0) };
    line.cycles += each.cycles;
    each.causes.forEach((count, index) => { line.causes[index] += count; });
    lines.set(key, line);
  }
  const cellsOf = (all) => {
    const most = Math.max(...all.map(({ cycles }) => cycles));
    return (each, code) => [
      element("td", { title: each?.cycles ? `${percent(each.cycles, chosen.cycles)} of the function` : undefined },
        each?.cycles ? bar(each.cycles, chosen.cycles, most, number(each.cycles)) : ""),
      element("td", { class: "code" }, code),
      element("td", { class: "text secondary" }, each ? causeMark(run, each.causes) : ""),
    ];
  };
  const heads = (first, code) => element("thead", {}, element("tr", {},
    element("th", { scope: "col" }, first), element("th", { scope: "col" }, "cycles"),
    element("th", { scope: "col", class: "text" }, code), element("th", { scope: "col", class: "text secondary" }, "most of them")));
  const cold = (each) => (each.cycles < COLD * chosen.cycles ? "cold" : undefined), cells = cellsOf(instructions);
  fill("code-instructions", element("table", { class: "listing" }, element("caption", {}, "Instructions"), heads("address", "instruction"),
    element("tbody", {}, instructions.map((each) =>
      element("tr", { class: cold(each), "data-line": `${each.file}:${each.line}`, title: where(each) },
        element("th", { scope: "row" }, hex(each.address)), cells(each, assembly(each.text)))))));
  fill("code-source", sourceTables(run, chosen, lines, heads, cellsOf([...lines.values()])));
  link("code-source", "code-instructions");
  link("code-instructions", "code-source");
  const hottest = largest(instructions.map(({ cycles }) => cycles));
  if (hottest >= 0) choose(byId("code-instructions").querySelectorAll("tbody tr")[hottest], byId("code-source"));
}

// The origin of an instruction: its line, and the inlined functions.
const where = ({ file, line, inlined }) => [file ? `${file}:${line}` : "unknown line", ...inlined.map((name) => `in ${name}`)].join(", ");

function assembly(text) {
  const [, name, rest] = /^cfu (\S+)(.*)$/.exec(text) ?? [];
  return name ? ["cfu ", element("mark", {}, name), rest] : text;
}

// One table per file that the function's lines come from, costliest first.
function sourceTables(run, chosen, lines, heads, cells) {
  const files = new Map();
  for (const line of lines.values()) files.set(line.file, [...(files.get(line.file) ?? []), line]);
  const cost = (file) => sum(files.get(file).map(({ cycles }) => cycles));
  return [...files.keys()].sort((a, b) => cost(b) - cost(a)).map((file) => {
    const caption = element("caption", {}, `${file || "unknown line"} (${number(cost(file))} cycles)`);
    if (!run.sources[file]) { // such as a generated header
      const known = files.get(file).map((each) => element("tr", { "data-line": each.key },
        element("th", { scope: "row" }, each.line || ""), cells(each, each.inlined.length ? `in ${each.inlined.at(-1)}` : "")));
      return element("table", { class: "listing" }, caption, heads("line", "not available"), element("tbody", {}, known));
    }
    const { first, lines: texts } = run.sources[file], near = new Set();
    if (file === chosen.file) near.add(chosen.line);
    for (const { line } of files.get(file)) for (let at = line - AROUND; at <= line + AROUND; at += 1) near.add(at);
    const shown = [...near].filter((line) => line >= first && line < first + texts.length).sort((a, b) => a - b);
    const body = [];
    shown.forEach((line, index) => {
      const before = shown[index - 1] ?? line - 1;
      const skipped = line - before - 1;
      if (skipped > GAP) body.push(element("tr", { class: "gap" }, element("td", { colspan: 4 }, `${number(skipped)} lines`)));
      for (let at = skipped > GAP ? line : before + 1; at <= line; at += 1) {
        const key = `${file}:${at}`, each = lines.get(key);
        body.push(element("tr", { "data-line": each && key }, element("th", { scope: "row" }, at), cells(each, texts[at - first].replace(DEEP, DEEPEST))));
      }
    });
    return element("table", { class: "listing" }, caption, heads("line", "source"), element("tbody", {}, body));
  });
}

// Selecting a row highlights the matching rows in the other pane; arrow keys step through the rows.
function link(here, there) {
  const pane = byId(here);
  pane.tabIndex = 0;
  pane.setAttribute("role", "region");
  pane.setAttribute("aria-label", here === "code-source" ? "Source" : "Instructions");
  pane.onclick = (event) => {
    const row = event.target.closest("tr[data-line]");
    if (row) choose(row, byId(there));
  };
  pane.onkeydown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...pane.querySelectorAll("tr[data-line]")], at = all.findIndex((row) => row.classList.contains("current"));
    choose(all[Math.min(Math.max(at + step, 0), all.length - 1)], byId(there));
  };
}

function choose(row, there) {
  const all = [...document.querySelectorAll(".panes tr[data-line]")];
  const same = all.filter((each) => each.dataset.line === row.dataset.line);
  all.forEach((each) => each.classList.remove("chosen", "current"));
  same.forEach((each) => each.classList.add("chosen"));
  row.classList.add("current");
  reveal(row);
  const other = same.find((each) => there.contains(each));
  if (other) reveal(other);
}

// Scroll the row's pane, not the page.
function reveal(row) {
  const pane = row.closest(".pane"), at = row.getBoundingClientRect().top - pane.getBoundingClientRect().top;
  if (at < 60 || at > pane.clientHeight - 40) pane.scrollTop += at - pane.clientHeight / 3;
}
