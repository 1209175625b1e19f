
// -- source and code

const TOKENS = new RegExp([
  /(?<note>#.*)/, /(?<string>"""|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/,
  /\b(?<word>def|return|for|in|if|elif|else|while|lambda|and|or|not|is|pass|None|True|False)\b/,
  /\b(?<constant>[A-Z][A-Z0-9_]+)\b(?!\()/, /\b(?<number>\d+)\b/, /\b(?<call>[A-Za-z_]\w*)(?=\()/,
].map((part) => part.source).join("|"), "gu");

/* A line as [kind, text]: what is to be set apart, and all between. */
function tokensOf(text) {
  const found = [];
  let end = 0;
  for (const match of text.matchAll(TOKENS)) {
    const [kind] = Object.entries(match.groups).find(([, there]) => there !== undefined);
    if (match.index > end) found.push(["", text.slice(end, match.index)]);
    found.push([kind, match[0]]);
    end = match.index + match[0].length;
  }
  if (end < text.length) found.push(["", text.slice(end)]);
  return found;
}

const span = (kind, text) => (kind ? make("span", { class: kind }, text) : text);

/* A line of Python in colours; `width` letters from `start` on are marked. */
function coloured(text, start = 0, width = 0, inString = false) {
  const tokens = inString ? [["string", text]] : tokensOf(text);
  if (!width) return tokens.map(([kind, part]) => span(kind, part));
  const letters = Array.from(text);  // columns count these
  const from = letters.slice(0, start).join("").length;
  const to = from + letters.slice(start, start + width).join("").length;
  const [before, marked, after] = [[], [], []];
  let place = 0;
  for (const [kind, part] of tokens) {
    for (const [into, low, high] of [[before, 0, from], [marked, from, to], [after, to, Infinity]]) {
      const piece = part.slice(Math.max(0, low - place), Math.max(0, high - place));
      if (piece) into.push(span(kind, piece));
    }
    place += part.length;
  }
  return [...before, make("mark", {}, ...marked), ...after];
}

/* For each line whether it begins within a string of several lines. */
function stringsIn(source) {
  let inside = false;
  return source.map((text) => {
    const was = inside;
    if (text.split('"""').length % 2 === 0) inside = !inside;
    return was;
  });
}

/* Source lines, each with the lines of code that came from it beside it. */
function listingOf(solver, { path, first, source, code, lanes }) {
  const failed = new Set(lanes.map((lane) => lane[2]?.[0]).filter(Boolean));
  const strings = stringsIn(source);
  const lines = source.map((text, k) => ({
    number: first + k, text, code: [], inString: strings[k] }));
  const byNumber = new Map(lines.map((line) => [line.number, line]));
  for (const line of code) (byNumber.get(line[2]) || lines[0]).code.push(line);
  const heads = make("div", { class: "pair heads" }, make("div", {}, path),
    code.length ? make("div", {}, `generated/solvers/${solver.name}.py`) : null);
  const kind = `listing${code.length ? "" : " alone"}`;
  return make("div", { class: kind }, heads, ...lines.map((line) => pairOf(line, failed)));
}

function pairOf(line, failed) {
  const text = make("code", {}, ...coloured(line.text, 0, 0, line.inString));
  const source = make("div", { class: "row" }, make("span", {}, line.number), text);
  const code = line.code.map(([number, words, , column, width]) => {
    const row = make("div", { class: "row", tabindex: width ? 0 : null },
      make("span", {}, number), make("code", {}, ...coloured(words.replace(/^ {4}/, ""))));
    if (!width) return row;
    const on = () => text.replaceChildren(...coloured(line.text, column - 1, width));
    const off = () => text.replaceChildren(...coloured(line.text));
    for (const event of ["mouseenter", "focus"]) row.addEventListener(event, on);
    for (const event of ["mouseleave", "blur"]) row.addEventListener(event, off);
    return row;
  });
  const kind = `pair${code.length ? "" : " bare"}${failed.has(line.number) ? " failed" : ""}`;
  const beside = make("div", { class: "code" }, ...code);
  return make("div", { class: kind }, make("div", {}, source), beside);
}
