// The causes, in groups with distinct colours: muted if an instruction completes, strong if the CPU waits.

const GROUPS = [
  { name: "cfu", text: "CFU instructions", retired: true, causes: ["cfu"] },
  { name: "access", text: "loads and stores", retired: true, causes: ["load", "store"] },
  { name: "cpu", text: "other instructions", retired: true, causes: ["multiply", "branch", "other_instruction"] },
  { name: "fetch", text: "instruction cache misses", retired: false, causes: ["instruction_miss"] },
  { name: "data", text: "data cache misses and stores", retired: false, causes: ["data_miss", "store_wait"] },
  { name: "jump", text: "refills after jumps", retired: false, causes: ["branch_bubble"] },
  { name: "result", text: "waiting for results", retired: false, causes: ["multiply_wait", "load_use", "shift_use"] },
  { name: "wait", text: "waiting for the CFU", retired: false, causes: ["cfu_busy", "cfu_hazard"] },
  { name: "rest", text: "anything else", retired: false, causes: ["other"] },
];

// The causes in each group of a run, by number; a cause in no group belongs to the last group of its kind.
function members(causes) {
  const found = new Map(GROUPS.map((group) => [group, []]));
  causes.forEach((cause, index) => {
    const last = GROUPS.filter((group) => group.retired === cause.retired).at(-1);
    found.get(GROUPS.find((group) => group.causes.includes(cause.name)) ?? last).push(index);
  });
  return found;
}

const inGroup = (run, group, counts) => sum(run.members.get(group).map((index) => counts[index]));
const lost = (run, counts) => sum(counts.filter((_, index) => !run.causes[index].retired));

function largest(counts, allowed = () => true) {
  let best = -1;
  counts.forEach((count, index) => {
    if (count && allowed(index) && (best < 0 || count > counts[best])) best = index;
  });
  return best;
}

const largestGroup = (run, counts) =>
  GROUPS.reduce((best, group) => (inGroup(run, group, counts) > inGroup(run, best, counts) ? group : best));

const swatch = (group) => element("span", { class: "swatch", style: `background: var(--${group.name})` });

const groupOf = (run, cause) => GROUPS.find((group) => run.members.get(group).includes(cause));

// The short name of a cause beside a line of code, with the colour of its group.
function causeMark(run, counts) {
  const index = largest(counts);
  if (index < 0) return "";
  return element("span", { class: "cause", title: run.causes[index].text }, swatch(groupOf(run, index)), run.causes[index].text);
}

function legend() {
  const list = (retired) =>
    element("ul", {}, GROUPS.filter((group) => group.retired === retired).map((group) =>
      element("li", {}, swatch(group), group.text)));
  return [
    element("div", {}, element("b", {}, "an instruction completes"), list(true)),
    element("div", {}, element("b", {}, "the CPU waits"), list(false)),
  ];
}
