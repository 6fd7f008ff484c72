// How long the functions of a C++ file are. Knows just enough of the language: where code is not code
// (comments, strings), and which braces open a function's body.

const keywords = /^(if|for|while|switch|catch|else|do|try|return|namespace|class|struct|union|enum|extern)\b/;

/**
 * The text with comments and the insides of strings blanked out, line by line as long as before.
 * @param {string} text
 */
function codeOnly(text) {
  const blank = (match) => match.replace(/[^\n]/g, " ");
  return text.replace(
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|R"(\w*)\([\s\S]*?\)\1"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'|^\s*#[^\n]*/gm,
    blank,
  );
}

/**
 * Whether `head`, the code between the last statement and a brace, begins a function: a parameter list, and
 * then only what may follow one. In this project's format a body's brace follows a space, an initializer's
 * does not.
 */
function opensFunction(head) {
  const text = head.replace(/\b(public|private|protected):/g, "").trim();
  if (!/\s$/.test(head) || keywords.test(text)) return false;
  return /\)\s*(const|noexcept(\(.*\))?|override|final|&&?|->[\s\w:<>,*&]+|:[\s\S]*)*$/.test(text);
}

/**
 * @param {string} text
 * @returns {{ name: string, line: number, lines: number }[]} From a function's first line to its last.
 */
export function cppFunctions(text) {
  const code = codeOnly(text);
  const lineAt = (position) => code.slice(0, position).split("\n").length;
  const found = [];
  const open = []; // For each open brace: where its function's head begins, if it opens a function.
  let headFrom = 0;
  for (const { 0: sign, index } of code.matchAll(/[{};]/g)) {
    const initializer = sign !== ";" && (sign === "{" ? /\S/.test(code[index - 1]) : open.at(-1) === "initializer");
    if (sign === "{") {
      const head = code.slice(headFrom, index);
      const outside = open.every((brace) => typeof brace !== "number");
      if (initializer) open.push("initializer");
      else open.push(outside && opensFunction(head) ? headFrom + head.search(/\S/) : "block");
    } else if (sign === "}") {
      const from = open.pop();
      if (typeof from === "number") {
        const name = code.slice(from).match(/([\w:~]+|operator[^(]+)\s*\(/)?.[1] ?? "?";
        found.push({ name, line: lineAt(from), lines: lineAt(index) - lineAt(from) + 1 });
      }
    }
    if (!initializer) headFrom = index + 1;
  }
  return found;
}
