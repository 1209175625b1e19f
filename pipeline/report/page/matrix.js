
// -- the matrix

let heat = null;
const KINDS = ["wrong", "right", "error", "over_budget"];
const LEGEND = [["all", "right on all samples"], ["some", "on some"], ["wrong", "wrong on most"],
  ["error", "errors on most"], ["over_budget", "over budget on most"]];
const SIZES = [1, 2, 3, 4, 6, 8, 12, 16, 24];  // pixels a cell

/* Verdicts unpacked: two bits each, in order of solvers. */
async function unpack(matrix) {
  const four = new Uint8Array(await (await inflated(at("kinds").textContent)).arrayBuffer());
  const kindAt = (place) => (four[place >> 2] >> (2 * (place & 3))) & 3;
  const taskOf = [];  // the column of tasks that a sample is in
  matrix.tasks.forEach(([, , first, train, test], column) => {
    for (let k = first; k < first + train + test; k++) taskOf[k] = column;
  });
  const cell = (row, column) => {
    const [, , first, train, test] = matrix.tasks[column];
    const counts = [0, 0, 0, 0];
    for (let k = first; k < first + train + test; k++) counts[kindAt(row * matrix.columns + k)]++;
    return { counts, right: counts[1], samples: train + test };
  };
  const rows = new Map(matrix.solvers.map((name, row) => [name, row]));
  const statuses = (name, column) => {
    const [, , first, train, test] = matrix.tasks[column];
    const begin = rows.get(name) * matrix.columns + first;
    return Array.from({ length: train + test }, (_, k) => KINDS[kindAt(begin + k)]);
  };
  return { cell, rows, statuses, kindAt, taskOf, bySample: false, place: null, size: 1 };
}

function kindOf({ counts, right, samples }) {
  if (right) return right === samples ? "all" : "some";
  return KINDS[counts.indexOf(Math.max(...counts))];
}

/* The kind of a cell that is drawn: of a task, or of one sample. */
function kindOfCell(row, column) {
  if (!heat.bySample) return kindOf(heat.cell(row, column));
  const kind = KINDS[heat.kindAt(row * data.matrix.columns + column)];
  return kind === "right" ? "all" : kind;
}

const columnsOf = () => (heat.bySample ? data.matrix.columns : data.matrix.tasks.length);

function bytesOf(colour) {
  const hex = colour.trim().slice(1);
  return [0, 2, 4].map((k) => parseInt(hex.slice(k, k + 2), 16)).concat(255);
}

/* Draw the part that is seen: a matrix of 20,000 solvers is larger than any canvas. */
function paintHeat() {
  const [box, size] = [at("heat"), heat.size];
  const [wide, high] = [columnsOf() * size, data.matrix.solvers.length * size];
  const field = box.querySelector(".field");
  [field.style.width, field.style.height] = [`${wide}px`, `${high}px`];
  const canvas = box.querySelector("canvas");
  const [width, height] = [Math.min(box.clientWidth, wide), Math.min(box.clientHeight, high)];
  const [left, top] = [Math.floor(box.scrollLeft / size), Math.floor(box.scrollTop / size)];
  const columns = Math.min(columnsOf() - left, Math.ceil(width / size) + 1);
  const rows = Math.min(data.matrix.solvers.length - top, Math.ceil(height / size) + 1);
  if (columns < 1 || rows < 1) return;
  const style = getComputedStyle(document.documentElement);
  const colourOf = (kind) => bytesOf(style.getPropertyValue(`--heat-${kind}`));
  const colours = new Map(LEGEND.map(([kind]) => [kind, colourOf(kind)]));
  const image = new ImageData(columns, rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const colour = colours.get(kindOfCell(top + row, left + column));
      image.data.set(colour, 4 * (row * columns + column));
    }
  }
  const cells = new OffscreenCanvas(columns, rows);
  cells.getContext("2d").putImageData(image, 0, 0);
  const ratio = Math.max(1, Math.min(3, window.devicePixelRatio || 1));
  [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
  [canvas.style.width, canvas.style.height] = [`${width}px`, `${height}px`];
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  context.imageSmoothingEnabled = false;
  const [x, y] = [left * size - box.scrollLeft, top * size - box.scrollTop];
  context.drawImage(cells, x, y, columns * size, rows * size);
  if (size < 8) return;
  context.fillStyle = style.getPropertyValue("--page");  // lines between cells that are large
  for (let k = 0; k <= columns; k++) context.fillRect(x + k * size, 0, 1, height);
  for (let k = 0; k <= rows; k++) context.fillRect(0, y + k * size, width, 1);
}

/* The column of tasks of a place, and the sample where columns are samples. */
function taskAt(column) {
  if (!heat.bySample) return [column, null];
  const task = heat.taskOf[column];
  return [task, column - data.matrix.tasks[task][2]];
}

function nameOf(column) {
  return data.matrix.tasks[column].slice(0, 2).join("/");
}

function samplePlace(column, k) {
  const [, , , train] = data.matrix.tasks[column];
  return placeOf({ train }, k);
}

/* Put the mark on a cell and say what it is. */
function moveTo(row, column, follow = true) {
  row = Math.max(0, Math.min(data.matrix.solvers.length - 1, row));
  column = Math.max(0, Math.min(columnsOf() - 1, column));
  heat.place = [row, column];
  const mark = at("heat").querySelector(".mark");
  mark.hidden = false;
  const size = Math.max(heat.size, 5) + 4;
  mark.style.left = `${(column + 0.5) * heat.size - size / 2}px`;
  mark.style.top = `${(row + 0.5) * heat.size - size / 2}px`;
  mark.style.width = mark.style.height = `${size}px`;
  if (follow) mark.scrollIntoView({ block: "nearest", inline: "nearest" });
  const [task, sample] = taskAt(column);
  const solver = data.matrix.solvers[row];
  const statuses = heat.statuses(solver, task);
  const { counts, right, samples } = heat.cell(row, task);
  const others = [0, 2, 3].filter((k) => counts[k]).map((k) => `${counts[k]} ${said(KINDS[k])}`);
  const verdict = sample === null ? [`${right} of ${samples} right`, ...others].join(", ")
    : `${samplePlace(task, sample)} ${said(statuses[sample])}`;
  at("readout").textContent = `${solver} on ${nameOf(task)}: ${verdict}`;
  const links = !canOpen(solver, task) ? [] : statuses.map((status, k) => make("a", {
    href: addressOf(solver, nameOf(task), samplePlace(task, k)), class: status,
  }, samplePlace(task, k)));
  at("places").replaceChildren(...links);
}

/* Whether the page has the solver, and the grids of the task. */
function canOpen(solver, task) {
  return byName.has(solver) && data.matrix.tasks[task][5] >= 0;
}

function heatCell(event) {
  const box = at("heat").querySelector(".field").getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  return [Math.floor(y / heat.size), Math.floor(x / heat.size)];
}

/* Open the solver on the very task, at the very sample, that is marked. */
function openMarked() {
  if (!heat.place) return;
  const [row, column] = heat.place;
  const [task, sample] = taskAt(column);
  const solver = data.matrix.solvers[row];
  if (!canOpen(solver, task)) return;
  const place = sample === null ? "" : samplePlace(task, sample);
  location.hash = addressOf(solver, nameOf(task), place);
}

function heatKey(event) {
  const [row, column] = heat.place || [0, 0];
  const far = event.shiftKey ? 10 : 1;
  const moves = { ArrowUp: [row - far, column], ArrowDown: [row + far, column],
    ArrowLeft: [row, column - far], ArrowRight: [row, column + far],
    Home: [row, 0], End: [row, columnsOf() - 1] };
  if (event.key === "Enter") openMarked();
  else if (event.key === "+") zoom(1);
  else if (event.key === "-") zoom(-1);
  else if (moves[event.key]) moveTo(...moves[event.key]);
  else return;
  event.preventDefault();
}

/* A mouse shows where it is and opens what it clicks; a finger marks first, then opens. */
function heatClick(event) {
  const [row, column] = heatCell(event);
  const isMarked = heat.place?.[0] === row && heat.place[1] === column;
  moveTo(row, column, false);
  if (event.pointerType !== "touch" || isMarked) openMarked();
}

function zoom(by) {
  const box = at("heat");
  const before = heat.size;
  const place = SIZES.indexOf(heat.size) + by;
  heat.size = SIZES[Math.max(0, Math.min(SIZES.length - 1, place))];
  const factor = heat.size / before;
  const [left, top] = [box.scrollLeft * factor, box.scrollTop * factor];
  paintHeat();
  box.scrollTo(left, top);
  if (heat.place) moveTo(...heat.place, by !== 0);
  paintHeat();
  at("nearer").disabled = heat.size === SIZES.at(-1);
  at("farther").disabled = heat.size === SIZES[0];
}

/* As large as fits; a finger needs more. */
function fitting() {
  const room = at("heat").parentElement.clientWidth - 2;
  const least = matchMedia("(pointer: coarse)").matches ? 12 : 1;
  return SIZES.findLast((size) => size <= Math.max(least, Math.min(12, room / columnsOf()))) ?? 1;
}

async function startMatrix() {
  heat = await unpack(data.matrix);
  at("legend").replaceChildren(...LEGEND.map(([kind, text]) => {
    const box = make("i");
    box.style.background = `var(--heat-${kind})`;
    return make("li", {}, box, text);
  }));
  const refit = () => { heat.size = fitting(); zoom(0); };
  refit();
  at("heat").addEventListener("pointermove", (event) => {
    if (event.pointerType !== "touch") moveTo(...heatCell(event), false);
  });
  at("heat").addEventListener("click", heatClick);
  at("heat").addEventListener("keydown", heatKey);
  at("heat").addEventListener("scroll", paintHeat, { passive: true });
  at("heat").addEventListener("focus", () => { if (!heat.place) moveTo(0, 0, false); });
  at("nearer").addEventListener("click", () => zoom(1));
  at("farther").addEventListener("click", () => zoom(-1));
  at("columns").addEventListener("change", (event) => {
    heat.bySample = event.target.value === "samples";
    heat.place = null;
    at("heat").querySelector(".mark").hidden = true;
    refit();
  });
  window.addEventListener("resize", paintHeat);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paintHeat);
}
