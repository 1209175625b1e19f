"use strict";
(() => {
const data = JSON.parse(document.getElementById("data").textContent);
const PALETTE = ["#000000", "#0074d9", "#ff4136", "#2ecc40", "#ffdc00",
  "#aaaaaa", "#f012be", "#ff851b", "#7fdbff", "#870c25"];
const LIGHT = new Set([3, 4, 5, 7, 8]);
const LINES = "#555555";
const OTHER = "#5b4a8a";  // a colour that is no digit
const MOST_ROWS = 1000;
const byName = new Map(data.solvers.map((solver) => [solver.name, solver]));
const at = (id) => document.getElementById(id);
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

// -- the table

const table = at("table");
const state = { key: "task", down: false, most: MOST_ROWS, shown: [] };
const KEYS = {
  task: (s) => s.task,
  corpus: (s) => s.corpus,
  status: (s) => ["broken", "error", "over_budget", "wrong", "no_task", "right"].indexOf(s.status),
  share: (s) => s.right / Math.max(samplesOf(s), 1),
  ms: (s) => s.ms,
  nodes: (s) => s.nodes,
};

function samplesOf(solver) {
  return (data.tasks[solver.task] || []).length;
}

/* Smaller first, what is not known last either way, ties by name. */
function compare(a, b) {
  const [x, y] = [KEYS[state.key](a), KEYS[state.key](b)];
  if (x === y) return a.name < b.name ? -1 : 1;
  if (x === null || y === null) return x === null ? 1 : -1;
  return (x < y ? -1 : 1) * (state.down ? -1 : 1);
}

function isWanted(solver, words, status, corpus) {
  if (corpus && solver.corpus !== corpus) return false;
  if (status === "not-right" ? solver.status === "right" : status && solver.status !== status) {
    return false;
  }
  solver.text ??= [solver.name, ...(solver.source || [])].join("\n").toLowerCase();
  return words.every((word) => solver.text.includes(word));
}

function showTable() {
  const words = at("find").value.toLowerCase().split(/\s+/).filter(Boolean);
  const [status, corpus] = [at("status").value, at("corpus").value];
  state.shown = data.solvers.filter((s) => isWanted(s, words, status, corpus)).sort(compare);
  const rows = state.shown.slice(0, state.most).map(rowOf);
  if (!rows.length) {
    const cell = make("td", { colspan: 6 }, "No solver matches.");
    rows.push(make("tr", { class: "none" }, cell));
  }
  table.tBodies[0].replaceChildren(...rows);
  at("shown").textContent = state.shown.length === data.solvers.length
    ? `${count(data.solvers.length)} solvers`
    : `${count(state.shown.length)} of ${count(data.solvers.length)} solvers`;
  const left = state.shown.length - rows.length;
  at("more").hidden = state.shown.length <= state.most;
  at("more").textContent = `Show ${count(Math.min(left, MOST_ROWS))} more`;
  for (const head of table.tHead.rows[0].cells) {
    const order = state.down ? "descending" : "ascending";
    head.setAttribute("aria-sort", head.dataset.key === state.key ? order : "none");
  }
}

function rowOf(solver) {
  const title = solver.name.slice(solver.corpus.length + 1);
  const link = make("a", { href: `#${solver.name}`, "aria-label": solver.name }, title);
  return make("tr", {},
    make("td", {}, link),
    make("td", { class: "wide" }, solver.corpus),
    make("td", {}, ...statusOf(solver)),
    make("td", { class: "number" }, `${solver.right} of ${samplesOf(solver)}`),
    make("td", { class: "number" }, solver.ms === null ? "" : solver.ms.toFixed(2)),
    make("td", { class: "number" }, solver.nodes === null ? "" : count(solver.nodes)));
}

function statusOf(solver) {
  const known = solver.known ? make("span", { class: "known" }, " (known)") : null;
  return [make("i", { class: `dot ${solver.status}` }), said(solver.status), known].filter(Boolean);
}

table.tHead.addEventListener("click", (event) => {
  const key = event.target.closest("th")?.dataset.key;
  if (!key) return;
  // What a second click turns around; costs and sizes begin with the greatest.
  state.down = key === state.key ? !state.down : ["ms", "nodes"].includes(key);
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

for (const event of ["input", "change"]) {
  at("filters").addEventListener(event, () => { state.most = MOST_ROWS; showTable(); });
}
at("filters").addEventListener("submit", (event) => event.preventDefault());
at("more").addEventListener("click", () => { state.most += MOST_ROWS; showTable(); });

// -- grids

/* A grid from its text: rows of digits, or after a colon rows of numbers. */
function gridOf(text) {
  if (text.startsWith(":")) {
    return text.slice(1).split("/").map((row) => row.split(",").map(Number));
  }
  return text ? text.split("/").map((row) => Array.from(row, Number)) : [];
}

function sizeOf(grid) {
  return `${grid.length}x${grid.length ? grid[0].length : 0}`;
}

/* The cells that are not the same in both grids, as "i,j". */
function differing(one, other) {
  const found = new Set();
  for (const grid of [one, other]) {
    grid.forEach((row, i) => row.forEach((_, j) => {
      if (one[i]?.[j] !== other[i]?.[j]) found.add(`${i},${j}`);
    }));
  }
  return found;
}

/* A grid drawn with cells of so many pixels. What is marked has a cross, or a frame if it has a
   digit. */
function draw(grid, size, marks, digits) {
  const [height, width] = [grid.length, grid.length ? grid[0].length : 0];
  const [wide, high] = [width * size + 1, height * size + 1];
  const ratio = Math.max(1, Math.min(3, window.devicePixelRatio || 1));
  const canvas = make("canvas");
  [canvas.width, canvas.height] = [Math.round(wide * ratio), Math.round(high * ratio)];
  canvas.style.width = `${wide}px`;
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  context.fillStyle = LINES;
  context.fillRect(0, 0, wide, high);
  const gap = size > 4 ? 1 : 0;
  grid.forEach((row, i) => row.forEach((value, j) => {
    const [x, y, side] = [j * size + gap, i * size + gap, size - gap];
    context.fillStyle = PALETTE[value] ?? OTHER;
    context.fillRect(x, y, side, side);
    // On every colour of the palette either black or white is plain to see.
    context.fillStyle = context.strokeStyle = LIGHT.has(value) ? "#000000" : "#ffffff";
    const written = digits && size >= 10;
    if (written) write(context, value, x + side / 2, y + side / 2, side);
    if (marks.has(`${i},${j}`)) markCell(context, x, y, side, written);
  }));
  return canvas;
}

function write(context, value, x, y, side) {
  context.font = `${Math.round(side * (value > 9 ? 0.5 : 0.65))}px ui-monospace, monospace`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(value, x, y + 0.5);
}

function markCell(context, x, y, side, framed) {
  if (side < 6) {
    context.fillRect(x + side / 4, y + side / 4, side / 2, side / 2);
    return;
  }
  context.lineWidth = side >= (framed ? 16 : 12) ? 2 : 1;
  if (framed) {
    const inset = context.lineWidth === 2 ? 2 : 0.5;
    context.strokeRect(x + inset, y + inset, side - 2 * inset, side - 2 * inset);
    return;
  }
  const [near, far] = [side * 0.25, side * 0.75];
  context.beginPath();
  context.moveTo(x + near, y + near);
  context.lineTo(x + far, y + far);
  context.moveTo(x + far, y + near);
  context.lineTo(x + near, y + far);
  context.stroke();
}

function figureOf(name, grid, size, marks, digits) {
  const canvas = draw(grid, size, marks, digits);
  canvas.setAttribute("role", "img");
  const marked = marks.size ? `, ${count(marks.size)} cells marked` : "";
  const rows = grid.map((row) => row.join(" ")).join("; ");
  canvas.setAttribute("aria-label", `${name}, ${sizeOf(grid)}${marked}: ${rows}`);
  return make("figure", {}, make("figcaption", {}, `${name} ${sizeOf(grid)}`), canvas);
}

// -- the panel of a solver

const panel = at("panel");
let open = null;

/* How large a cell is that all these grids fit. */
function cellSizeOf(...grids) {
  const sizes = grids.flatMap((g) => [g.length, g[0]?.length || 0]);
  const room = Math.min(290, document.documentElement.clientWidth - 60);
  return Math.max(2, Math.min(22, Math.floor(room / Math.max(...sizes, 1))));
}

/* A sample of a solver that has not run. */
function sampleOf([place, input, output]) {
  const grids = [["input", gridOf(input)]];
  if (output) grids.push(["expected", gridOf(output)]);
  const size = cellSizeOf(...grids.map(([, grid]) => grid));
  const digits = at("digits").checked;
  const figures = grids.map(([name, grid]) => figureOf(name, grid, size, new Set(), digits));
  return make("div", { class: "lane" }, make("h4", {}, place),
    make("div", { class: "grids" }, ...figures));
}

function laneOf(solver, sample, lane) {
  const [place, input, output] = sample;
  const [status, produced, message, where] = lane;
  const [given, expected] = [gridOf(input), gridOf(output)];
  const made = status === "right" ? expected : produced === null ? null : gridOf(produced);
  const marks = made && status !== "right" ? differing(expected, made) : new Set();
  const size = cellSizeOf(given, expected, made || []);
  const digits = at("digits").checked;
  const nothing = make("figure", {}, make("figcaption", {}, "produced"),
    make("p", { class: "nothing" }, "no grid"));
  const head = make("h4", {}, make("i", { class: `dot ${status}` }), `${place} ${said(status)}`);
  if (message) head.append(": ", message.replace(/^(error|over_budget): /, ""));
  const grids = make("div", { class: "grids" },
    figureOf("input", given, size, new Set(), digits),
    figureOf("expected", expected, size, marks, digits),
    made ? figureOf("produced", made, size, marks, digits) : nothing);
  return make("div", { class: "lane" }, head, whereOf(solver, where), grids);
}

/* The source line that a lane failed in. */
function whereOf(solver, where) {
  const text = where && solver.source?.[where[0] - solver.first];
  if (!text) return null;
  const [line, column, width] = where;
  const indent = text.length - text.trimStart().length;
  return make("p", { class: "where" }, `${solver.path}:${line}: `,
    ...marked(text.trimStart(), column - 1 - indent, width));
}

/* A line of text with its comment set apart. */
function textOf(text) {
  const start = text.search(/\s*#/);
  if (start < 0) return make("code", {}, text);
  return make("code", {}, text.slice(0, start), make("span", { class: "note" }, text.slice(start)));
}

/* Source lines, each with the lines of code that came from it beside it. */
function listingOf(solver) {
  const failed = new Set(solver.lanes.map((lane) => lane[3]?.[0]).filter(Boolean));
  const lines = solver.source.map((text, k) => ({ number: solver.first + k, text, code: [] }));
  const byNumber = new Map(lines.map((line) => [line.number, line]));
  for (const line of solver.code) (byNumber.get(line[2]) || lines[0]).code.push(line);
  const heads = make("div", { class: "pair heads" }, 
    make("div", {}, solver.path), make("div", {}, `generated/solvers/${solver.name}.py`));
  return make("div", { class: "listing" }, heads, ...lines.map((line) => pairOf(line, failed)));
}

function pairOf(line, failed) {
  const text = textOf(line.text);
  const source = make("div", { class: "row" }, make("span", {}, line.number), text);
  const code = line.code.map(([number, words, , column, width]) => {
    const row = make("div", { class: "row", tabindex: width ? 0 : null },
      make("span", {}, number), textOf(words.replace(/^ {4}/, "")));
    if (!width) return row;
    const on = () => text.replaceChildren(...marked(line.text, column - 1, width));
    const off = () => text.replaceChildren(...textOf(line.text).childNodes);
    for (const event of ["mouseenter", "focus"]) row.addEventListener(event, on);
    for (const event of ["mouseleave", "blur"]) row.addEventListener(event, off);
    return row;
  });
  const kind = `pair${code.length ? "" : " bare"}${failed.has(line.number) ? " failed" : ""}`;
  const beside = make("div", { class: "code" }, ...code);
  return make("div", { class: kind }, make("div", {}, source), beside);
}

function marked(text, start, width) {
  const letters = Array.from(text);
  const part = (from, to) => letters.slice(from, to).join("");
  return [part(0, start), make("mark", {}, part(start, start + width)), part(start + width)];
}

/* The tasks that a solver is right on, by the matrix, beside its own. */
function othersOf(solver) {
  const row = heat ? heat.rows.get(solver.name) : undefined;
  if (row === undefined) return [];
  return data.matrix.tasks.flatMap(([set, task], column) => {
    const { right, samples } = heat.cell(row, column);
    return task !== solver.task && right === samples ? [`${set}/${task}`] : [];
  });
}

function bodyOf(solver) {
  const where = solver.path ? `, ${solver.path}:${solver.first}` : "";
  const total = samplesOf(solver);
  const verdict = `: ${solver.right} of ${total} samples right${where}`;
  const parts = [make("p", { class: "verdict" }, ...statusOf(solver), verdict)];
  if (solver.problem) parts.push(make("pre", { class: "problem" }, solver.problem));
  const others = othersOf(solver);
  if (others.length) parts.push(make("p", {}, `Right on other tasks too: ${others.join(", ")}`));
  const samples = data.tasks[solver.task] || [];
  const lanes = solver.lanes.length
    ? solver.lanes.map((lane, k) => laneOf(solver, samples[k], lane))
    : samples.map(sampleOf);
  if (lanes.length) {
    parts.push(make("section", {}, make("h3", {}, "Samples"), ...lanes));
  }
  if (solver.source) {
    const head = make("h3", {}, "Source and flattened code");
    parts.push(make("section", {}, head, listingOf(solver)));
  }
  return parts;
}

function showPanel(solver) {
  open = solver;
  at("panel-title").textContent = solver.name;
  at("panel-body").replaceChildren(...bodyOf(solver));
  const place = state.shown.indexOf(solver);
  at("previous").disabled = place <= 0;
  at("next").disabled = place < 0 || place + 1 >= state.shown.length;
  if (!panel.open) panel.showModal();
  panel.scrollTop = 0;
  at("panel-title").focus({ preventScroll: true });
}

/* The solver that the end of an address names, if there is one. */
function solverNamed(hash) {
  try {
    return byName.get(decodeURIComponent(hash.slice(1)));
  } catch {
    return undefined;  // what is no encoded text
  }
}

/* Show what the address names, so that Back, links and reloads work. */
function followAddress() {
  const solver = solverNamed(location.hash);
  if (solver) showPanel(solver);
  else if (panel.open) panel.close();
}

function step(by) {
  const other = state.shown[state.shown.indexOf(open) + by];
  if (!other) return;
  history.replaceState(null, "", `#${other.name}`);
  showPanel(other);
}

panel.addEventListener("close", () => {
  if (solverNamed(location.hash)) {
    history.replaceState(null, "", location.pathname + location.search);
  }
  const link = open && table.querySelector(`a[href="#${CSS.escape(open.name)}"]`);
  link?.focus();
  open = null;
});
panel.addEventListener("click", (event) => { if (event.target === panel) panel.close(); });
panel.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "n") step(1);
  if (event.key === "p") step(-1);
});
at("previous").addEventListener("click", () => step(-1));
at("next").addEventListener("click", () => step(1));
at("close").addEventListener("click", () => panel.close());
at("digits").addEventListener("change", () => {
  if (!open) return;
  const top = panel.scrollTop;
  at("panel-body").replaceChildren(...bodyOf(open));
  panel.scrollTop = top;
});

// -- the matrix

let heat = null;
const KINDS = ["wrong", "right", "error", "over_budget"];
const LEGEND = [["all", "right on all samples"], ["some", "on some"], ["wrong", "wrong on most"],
  ["error", "errors on most"], ["over_budget", "over budget on most"]];

/* Verdicts unpacked: two bits each, in order of solvers. */
async function unpack(matrix) {
  const bytes = Uint8Array.from(atob(matrix.kinds), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const four = new Uint8Array(await new Response(stream).arrayBuffer());
  const kindAt = (place) => (four[place >> 2] >> (2 * (place & 3))) & 3;
  const cell = (row, column) => {
    const [, , first, train, test] = matrix.tasks[column];
    const counts = [0, 0, 0, 0];
    for (let k = first; k < first + train + test; k++) counts[kindAt(row * matrix.columns + k)]++;
    return { counts, right: counts[1], samples: train + test };
  };
  return { cell, rows: new Map(matrix.solvers.map((name, row) => [name, row])) };
}

function kindOf({ counts, right, samples }) {
  if (right) return right === samples ? "all" : "some";
  return KINDS[counts.indexOf(Math.max(...counts))];
}

function paintHeat() {
  const { solvers, tasks } = data.matrix;
  const style = getComputedStyle(document.documentElement);
  const colourOf = (kind) => bytesOf(style.getPropertyValue(`--heat-${kind}`));
  const colours = new Map(LEGEND.map(([kind]) => [kind, colourOf(kind)]));
  const canvas = at("heat").querySelector("canvas");
  [canvas.width, canvas.height] = [tasks.length, solvers.length];
  const image = new ImageData(tasks.length, solvers.length);
  const kindsOf = (row) => tasks.map((_, column) => kindOf(heat.cell(row, column)));
  heat.kinds ??= solvers.flatMap((_, row) => kindsOf(row));
  heat.kinds.forEach((kind, k) => image.data.set(colours.get(kind), 4 * k));
  canvas.getContext("2d").putImageData(image, 0, 0);
  const room = at("matrix").clientWidth - 2;
  heat.size = Math.max(1, Math.min(16, Math.floor((2 * room) / tasks.length) / 2));
  canvas.style.width = `${tasks.length * heat.size}px`;
  canvas.style.height = `${solvers.length * heat.size}px`;
  if (heat.place) moveTo(...heat.place, false);
}

function bytesOf(colour) {
  const hex = colour.trim().slice(1);
  return [0, 2, 4].map((k) => parseInt(hex.slice(k, k + 2), 16)).concat(255);
}

/* Put the mark on a cell and say what it is. */
function moveTo(row, column, follow = true) {
  const { solvers, tasks } = data.matrix;
  row = Math.max(0, Math.min(solvers.length - 1, row));
  column = Math.max(0, Math.min(tasks.length - 1, column));
  heat.place = [row, column];
  const mark = at("heat").querySelector(".mark");
  mark.hidden = false;
  const size = Math.max(heat.size, 5) + 4;
  mark.style.left = `${(column + 0.5) * heat.size - size / 2}px`;
  mark.style.top = `${(row + 0.5) * heat.size - size / 2}px`;
  mark.style.width = mark.style.height = `${size}px`;
  if (follow) mark.scrollIntoView({ block: "nearest", inline: "nearest" });
  const { counts, right, samples } = heat.cell(row, column);
  const others = [0, 2, 3].filter((k) => counts[k]).map((k) => `${counts[k]} ${said(KINDS[k])}`);
  const [set, task] = tasks[column];
  at("readout").textContent = `${solvers[row]} on ${set}/${task}: `
    + [`${right} of ${samples} right`, ...others].join(", ");
}

function heatCell(event) {
  const box = at("heat").querySelector("canvas").getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  return [Math.floor(y / heat.size), Math.floor(x / heat.size)];
}

function openMarked() {
  const name = heat.place && data.matrix.solvers[heat.place[0]];
  if (byName.has(name)) location.hash = name;
}

function heatKey(event) {
  const [row, column] = heat.place || [0, 0];
  const far = event.shiftKey ? 10 : 1;
  const moves = { ArrowUp: [row - far, column], ArrowDown: [row + far, column],
    ArrowLeft: [row, column - far], ArrowRight: [row, column + far],
    Home: [row, 0], End: [row, data.matrix.tasks.length - 1] };
  if (event.key === "Enter") openMarked();
  else if (moves[event.key]) moveTo(...moves[event.key]);
  else return;
  event.preventDefault();
}

async function startMatrix() {
  heat = await unpack(data.matrix);
  at("legend").replaceChildren(...LEGEND.map(([kind, text]) => {
    const box = make("i");
    box.style.background = `var(--heat-${kind})`;
    return make("li", {}, box, text);
  }));
  paintHeat();
  at("heat").addEventListener("mousemove", (event) => moveTo(...heatCell(event), false));
  at("heat").addEventListener("click", openMarked);
  at("heat").addEventListener("keydown", heatKey);
  at("heat").addEventListener("focus", () => { if (!heat.place) moveTo(0, 0, false); });
  window.addEventListener("resize", paintHeat);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paintHeat);
}

showTable();
window.addEventListener("hashchange", followAddress);
const ready = data.matrix ? startMatrix() : Promise.resolve();
ready.catch((error) => { at("readout").textContent = `The matrix can't be drawn: ${error}`; })
  .finally(() => { followAddress(); document.documentElement.dataset.ready = "yes"; });
})();
