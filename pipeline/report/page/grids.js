
// -- grids

const PALETTE = ["#000000", "#0074d9", "#ff4136", "#2ecc40", "#ffdc00",
  "#aaaaaa", "#f012be", "#ff851b", "#7fdbff", "#870c25"];
const LIGHT = new Set([3, 4, 5, 7, 8]);
const LINES = "#555555";
const OTHER = "#5b4a8a";  // a colour that is no digit

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

/* How large a cell is that all these grids fit beside each other, or on a narrow page one below the
   other. */
function cellSizeOf(...grids) {
  const sizes = grids.flatMap((g) => [g.length, g[0]?.length || 0]);
  const width = document.documentElement.clientWidth;
  const room = width < 740 ? width - 56 : Math.min(370, (Math.min(width, 1280) - 150) / 3);
  return Math.max(2, Math.min(22, Math.floor(room / Math.max(...sizes, 1))));
}
