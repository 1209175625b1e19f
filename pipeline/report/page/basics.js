"use strict";
(() => {
const at = (id) => document.getElementById(id);
const data = JSON.parse(at("data").textContent);
const STATUSES = ["right", "wrong", "error", "over_budget", "broken", "no_task"];
const LETTERS = "rweobn";
const count = (number) => number.toLocaleString("en-US");
const said = (status) => status.replace("_", " ");

/* A new element: its attributes, then what is in it. */
function make(tag, attributes = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...inside.filter((part) => part !== null && part !== undefined));
  return element;
}

/* A task: its id, how many train and test samples it has, its place. */
const tasks = data.tasks.map(([id, train, test], place) => ({ id, train, test, place }));

/* What a task's sample k is called. */
function placeOf(task, k) {
  return k < task.train ? `train[${k}]` : `test[${k - task.train}]`;
}

const solvers = data.solvers.map((row, place) => {
  const [name, corpus, task, status, lanes, known, ms, nodes, why, stressed, strain] = row;
  return { name, corpus: data.corpora[corpus], task: tasks[task], status: STATUSES[status],
    lanes: Array.from(lanes, (letter) => STATUSES[LETTERS.indexOf(letter)]),
    known: known === 1, ms, nodes, why, stressed, strain, place };
});
for (const solver of solvers) {
  solver.right = solver.lanes.filter((status) => status === "right").length;
}
const byName = new Map(solvers.map((solver) => [solver.name, solver]));

/* How many samples a solver was run on, or would be. */
function samplesOf(solver) {
  return solver.lanes.length || solver.task.train + solver.task.test;
}

/* Bytes that are deflated, in base 64. */
async function inflated(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream);
}

/* What one solver or task has beside its row: parts are unpacked when they are asked for. */
const unpacked = new Map();
async function detailsOf(kind, place) {
  const id = `${kind}-${Math.floor(place / data.part)}`;
  if (!unpacked.has(id)) unpacked.set(id, inflated(at(id).textContent).then((r) => r.json()));
  return (await unpacked.get(id))[place % data.part];
}

/* A solver's problem, lanes, source and code. */
async function sourceOf(solver) {
  const [problem, lanes, path, first, source, code] = await detailsOf("solvers", solver.place);
  return { problem, lanes, path, first, source, code };
}
