
// -- the panel of a solver

const panel = at("panel");
let open = null;  // what is shown: the solver, and of the matrix its column, the sample asked for

/* A sample, and what became of it. lane: what was produced, what is said, where; null: not run. */
async function laneOf(solver, task, k, status, lane, details) {
  const place = placeOf(task, k);
  const [input, output] = (await detailsOf("tasks", task.place))[k];
  const [given, expected] = [gridOf(input), gridOf(output)];
  const produced = lane?.[0];
  const made = !lane ? null : status === "right" ? expected : produced && gridOf(produced);
  const marks = made && status !== "right" ? differing(expected, made) : new Set();
  const size = cellSizeOf(given, expected, made || []);
  const digits = at("digits").checked;
  const head = make("h4", {}, status && make("i", { class: `dot ${status}` }),
    status ? `${place} ${said(status)}` : place, lane?.[1] ? `: ${lane[1]}` : null);
  const grids = make("div", { class: "grids" }, figureOf("input", given, size, new Set(), digits));
  if (expected.length) grids.append(figureOf("expected", expected, size, marks, digits));
  if (made) grids.append(figureOf("produced", made, size, marks, digits));
  else if (lane) {
    grids.append(make("figure", {}, make("figcaption", {}, "produced"),
      make("p", { class: "nothing" }, "no grid")));
  }
  const where = lane ? whereOf(details, lane[2]) : null;
  return make("div", { class: "lane", "data-place": place }, head, where, grids);
}

/* The source line that a lane failed in. */
function whereOf({ path, first, source }, where) {
  const text = where && source?.[where[0] - first];
  if (!text) return null;
  const [line, column, width] = where;
  const indent = text.length - text.trimStart().length;
  return make("p", { class: "where" }, `${path}:${line}: `,
    ...coloured(text.trimStart(), column - 1 - indent, width));
}

/* The tasks that a solver is right on, by the matrix, beside its own. */
function othersOf(solver) {
  const row = heat?.rows.get(solver.name);
  if (row === undefined) return [];
  return data.matrix.tasks.flatMap(([set, id, , , , place], column) => {
    const { right, samples } = heat.cell(row, column);
    if (place === solver.task.place || !samples || right !== samples) return [];
    return [make("a", { href: addressOf(solver.name, `${set}/${id}`) }, `${set}/${id}`)];
  });
}

function between(parts, text) {
  return parts.flatMap((part, k) => (k ? [text, part] : [part]));
}

/* Links to the samples, where there is more than one. */
function samplesLine(solver, task, column, statuses) {
  if (statuses.length < 2) return null;
  const set = column === undefined ? "" : data.matrix.tasks[column].slice(0, 2).join("/");
  const links = statuses.map((status, k) => {
    const href = addressOf(solver.name, set, placeOf(task, k));
    return make("a", { href, class: status ?? "" }, placeOf(task, k));
  });
  return make("nav", { class: "places", "aria-label": "Samples" }, ...links);
}

/* What there is to say of a solver, above its samples. */
function factsOf(solver, { problem, path, first }) {
  const parts = [`${solver.right} of ${samplesOf(solver)} samples right`];
  if (solver.ms !== null) parts.push(`${solver.ms.toFixed(3)} ms`);
  if (solver.nodes !== null) parts.push(`${count(solver.nodes)} nodes`);
  if (path) parts.push(`${path}:${first}`);
  const found = [make("p", { class: "verdict" }, ...statusOf(solver), `: ${parts.join(", ")}`)];
  if (problem) found.push(make("pre", { class: "problem" }, problem));
  if (solver.stressed !== null) {
    const stress = `${solver.stressed} of ${data.stress} generated samples right`;
    const strain = solver.strain ? `; ${solver.strain}` : "";
    found.push(make("p", { class: "strain" }, `Stress: ${stress}${strain}`));
  }
  const others = othersOf(solver);
  if (others.length) {
    found.push(make("p", {}, "Right on other tasks too: ", ...between(others, ", ")));
  }
  return found;
}

async function bodyOf({ solver, column }) {
  const details = await sourceOf(solver);
  const task = column === undefined ? solver.task : tasks[data.matrix.tasks[column][5]];
  const statuses = column === undefined ? solver.lanes : heat.statuses(solver.name, column);
  const lanes = column === undefined ? details.lanes : [];
  const all = column === undefined && !statuses.length ? task.train + task.test : statuses.length;
  const shown = Array.from({ length: all }, (_, k) => statuses[k] ?? null);
  const places = samplesLine(solver, task, column, shown);
  const samples = await Promise.all(shown.map((status, k) => {
    const lane = status && column === undefined ? (lanes[k].length ? lanes[k] : [null, "", null])
      : null;
    return laneOf(solver, task, k, status, lane, details);
  }));
  const parts = column === undefined ? factsOf(solver, details) : [pairLine(solver, column)];
  if (samples.length) {
    const head = make("h3", {}, "Samples");
    parts.push(make("section", {}, head, places, ...samples));
  }
  if (details.source) {
    const text = details.code.length ? "Source and flattened code" : "Source";
    parts.push(make("section", {}, make("h3", {}, text), listingOf(solver, details)));
  }
  return parts;
}

/* What the matrix says of a solver on another task than its own. */
function pairLine(solver, column) {
  const { right, samples } = heat.cell(heat.rows.get(solver.name), column);
  const link = make("a", { href: addressOf(solver.name) }, "its own task");
  return make("p", { class: "verdict" }, `By the matrix: ${right} of ${samples} samples right. `
    + "What it made of them is not kept. See ", link, ".");
}

/* What the end of an address asks for, or null. */
function askedBy(hash) {
  let text;
  try {
    text = decodeURIComponent(hash.slice(1));
  } catch {
    return null;  // what is no encoded text
  }
  if (byName.has(text)) return { solver: byName.get(text) };
  const [, head, place] = text.match(/^(.*?)(?::(\w+\[\d+\]))?$/s);
  if (byName.has(head)) return { solver: byName.get(head), place };
  const cut = head.indexOf("@");
  const solver = byName.get(head.slice(0, cut));
  const names = data.matrix?.tasks.map(([set, task]) => `${set}/${task}`) ?? [];
  const column = names.indexOf(head.slice(cut + 1));
  if (!solver || column < 0 || !heat?.rows.has(solver.name)) return null;
  const own = data.matrix.tasks[column][5];
  if (own < 0) return null;
  return own === solver.task.place ? { solver, place } : { solver, place, column };
}

async function showPanel(asked) {
  const before = open;
  open = asked;
  const { solver, place, column } = asked;
  const on = column === undefined ? "" : ` on ${data.matrix.tasks[column].slice(0, 2).join("/")}`;
  at("panel-title").textContent = solver.name + on;
  const row = state.shown.indexOf(solver);
  at("previous").disabled = row <= 0;
  at("next").disabled = row < 0 || row + 1 >= state.shown.length;
  if (before?.solver !== solver || before.column !== column || !panel.open) {
    const body = await bodyOf(asked);
    if (open !== asked) return;  // somebody has gone on meanwhile
    at("panel-body").replaceChildren(...body);
    if (!panel.open) panel.showModal();
    panel.scrollTop = 0;
  }
  panel.querySelector(".lane.asked")?.classList.remove("asked");
  const lane = place && panel.querySelector(`.lane[data-place="${CSS.escape(place)}"]`);
  if (lane) {
    lane.classList.add("asked");
    lane.scrollIntoView();
  }
  at("panel-title").focus({ preventScroll: true });
}

/* Show what the address names, so that Back, links and reloads work. */
async function followAddress() {
  const asked = askedBy(location.hash);
  if (asked) await showPanel(asked);
  else if (panel.open) panel.close();
}

async function step(by) {
  const other = state.shown[state.shown.indexOf(open.solver) + by];
  if (!other) return;
  history.replaceState(null, "", addressOf(other.name));
  await showPanel({ solver: other });
}

panel.addEventListener("close", () => {
  if (askedBy(location.hash)) {
    history.replaceState(null, "", location.pathname + location.search);
  }
  const link = open && table.querySelector(`a[aria-label="${CSS.escape(open.solver.name)}"]`);
  if (open?.column !== undefined) at("heat").focus({ preventScroll: true });
  else link?.focus();
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
at("digits").addEventListener("change", async () => {
  if (!open) return;
  const top = panel.scrollTop;
  at("panel-body").replaceChildren(...await bodyOf(open));
  panel.scrollTop = top;
});
