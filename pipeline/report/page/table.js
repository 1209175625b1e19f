
// -- the table

const FIRST_ROWS = 100;
const MORE_ROWS = 1000;
const MOST_SQUARES = 12;
const table = at("table");
const state = { key: "status", down: false, most: FIRST_ROWS, shown: [], status: "", asked: 0 };
const ORDER = ["broken", "error", "over_budget", "wrong", "no_task", "right"];
const KEYS = {
  task: (s) => s.task.id,
  corpus: (s) => s.corpus,
  // What may be wrong comes behind what may not.
  status: (s) => ORDER.indexOf(s.status) + (s.known ? 3.5 : 0),
  share: (s) => s.right / Math.max(samplesOf(s), 1),
  stress: (s) => s.stressed,
  ms: (s) => s.ms,
  nodes: (s) => s.nodes,
};
const LARGEST_FIRST = ["ms", "nodes"];

/* Smaller first, what is not known last either way, ties by name. */
function compare(a, b) {
  const [x, y] = [KEYS[state.key](a), KEYS[state.key](b)];
  if (x === y) return a.name < b.name ? -1 : 1;
  if (x === null || y === null) return x === null ? 1 : -1;
  return (x < y ? -1 : 1) * (state.down ? -1 : 1);
}

function isWanted(solver, words, corpus) {
  if (corpus && solver.corpus !== corpus) return false;
  if (state.status === "not-right") {
    if (solver.status === "right") return false;
  } else if (state.status && solver.status !== state.status) return false;
  return words.every((word) => (solver.text ?? solver.name.toLowerCase()).includes(word));
}

/* Have the text of every solver: its name and its source. */
async function readSources() {
  const first = solvers.filter((solver) => solver.text === undefined);
  await Promise.all(first.map(async (solver) => {
    const { source } = await sourceOf(solver);
    solver.text = [solver.name, ...(source || [])].join("\n").toLowerCase();
  }));
}

async function showTable() {
  const words = at("find").value.toLowerCase().split(/\s+/).filter(Boolean);
  const corpus = at("corpus").value;
  const asked = ++state.asked;
  if (words.length && solvers.some((solver) => solver.text === undefined)) {
    at("shown").textContent = "reading the sources";
    await readSources();
    if (asked !== state.asked) return;  // somebody has asked for something else meanwhile
  }
  state.shown = solvers.filter((s) => isWanted(s, words, corpus)).sort(compare);
  const rows = state.shown.slice(0, state.most).map(rowOf);
  if (!rows.length) {
    const columns = table.tHead.rows[0].cells.length;
    rows.push(make("tr", { class: "none" }, make("td", { colspan: columns }, "No solver matches.")));
  }
  table.tBodies[0].replaceChildren(...rows);
  at("shown").textContent = state.shown.length === solvers.length
    ? `${count(solvers.length)} solvers`
    : `${count(state.shown.length)} of ${count(solvers.length)} solvers`;
  const left = state.shown.length - rows.length;
  at("more").hidden = state.shown.length <= state.most;
  at("more").textContent = `Show ${count(Math.min(left, MORE_ROWS))} more of ${count(left)}`;
  for (const head of table.tHead.rows[0].cells) {
    const order = state.down ? "descending" : "ascending";
    head.setAttribute("aria-sort", head.dataset.key === state.key ? order : "none");
  }
  for (const chip of document.querySelectorAll("#chips button")) {
    chip.setAttribute("aria-pressed", chip.dataset.status === state.status);
  }
}

/* The end of an address that opens a solver, on another task, at a sample. */
function addressOf(name, task = "", place = "") {
  return `#${encodeURI(name + (task && `@${task}`) + (place && `:${place}`)).replace(/#/g, "%23")}`;
}

function rowOf(solver) {
  const title = solver.name.slice(solver.corpus.length + 1);
  const link = make("a", { href: addressOf(solver.name), "aria-label": solver.name }, title);
  const why = solver.why ? make("span", { class: "why" }, solver.why) : null;
  const stress = solver.stressed === null ? "" : `${solver.stressed} of ${data.stress}`;
  return make("tr", {},
    make("td", { class: "name" }, link),
    make("td", { class: "corpus" }, solver.corpus),
    make("td", { class: "status" }, ...statusOf(solver), why),
    make("td", { class: "number share" }, stripOf(solver), `${solver.right} of ${samplesOf(solver)}`),
    data.stress ? make("td", { class: "number stress" }, stress) : null,
    make("td", { class: "number ms" }, solver.ms === null ? "" : solver.ms.toFixed(3)),
    make("td", { class: "number nodes" }, solver.nodes === null ? "" : count(solver.nodes)));
}

/* A small square for each sample. */
function stripOf(solver) {
  if (!solver.lanes.length || solver.lanes.length > MOST_SQUARES) return null;
  const squares = solver.lanes.map((status) => make("i", { class: status }));
  return make("span", { class: "strip", "aria-hidden": "true" }, ...squares);
}

function statusOf(solver) {
  const known = solver.known ? make("span", { class: "known" }, " (known)") : null;
  const status = make("span", { class: `said ${solver.status}` }, said(solver.status));
  return [make("i", { class: `dot ${solver.status}` }), status, known].filter(Boolean);
}

/* Show solvers of a status, of a corpus, in some order, and go there. */
function narrow({ status = "", corpus = "", key = "status", down = false }) {
  Object.assign(state, { status, key, down, most: FIRST_ROWS });
  [at("corpus").value, at("find").value] = [corpus, ""];
  showTable();
  at("solvers").scrollIntoView();
}

table.tHead.addEventListener("click", (event) => {
  const key = event.target.closest("th")?.dataset.key;
  if (!key) return;
  // What a second click turns around; costs and sizes begin with the greatest.
  state.down = key === state.key ? !state.down : LARGEST_FIRST.includes(key);
  state.key = key;
  showTable();
});

table.tBodies[0].addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const row = event.target.closest("tr");
  const other = step === 1 ? row?.nextElementSibling : row?.previousElementSibling;
  if (!step || !other) return;
  event.preventDefault();
  other.querySelector("a")?.focus();
});

/* A row is opened wherever it is clicked, unless somebody has just marked a piece of its text. */
table.tBodies[0].addEventListener("click", (event) => {
  const link = event.target.closest("tr")?.querySelector("a");
  if (!link || event.target.closest("a") || !getSelection().isCollapsed) return;
  link.click();
});

for (const event of ["input", "change"]) {
  at("filters").addEventListener(event, () => { state.most = FIRST_ROWS; showTable(); });
}
at("filters").addEventListener("submit", (event) => event.preventDefault());
at("more").addEventListener("click", () => { state.most += MORE_ROWS; showTable(); });
at("chips").addEventListener("click", (event) => {
  const chip = event.target.closest("button");
  if (!chip) return;
  state.status = chip.dataset.status;
  state.most = FIRST_ROWS;
  showTable();
});
for (const button of document.querySelectorAll("button[data-narrow]")) {
  button.addEventListener("click", () => narrow(JSON.parse(button.dataset.narrow)));
}
