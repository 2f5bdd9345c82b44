// Says where PHP files hold what PHP 7.4 does not know: node syntax.js FILE.. prints "file:line: what" and ends with 1.
// The parser of version 7.4 refuses most of it. What it takes all the same is looked for in the tree.

"use strict";

const { readFileSync } = require("node:fs");
const { Engine } = require("php-parser");

const parser = new Engine({ parser: { version: "7.4", extractDoc: true }, ast: { withPositions: true } });

// Words that are classes to 7.4 and types to later versions.
const laterTypes = ["mixed", "never", "false", "true", "null", "static"];
const laterFunctions = ["str_contains", "str_starts_with", "str_ends_with", "get_debug_type", "get_resource_id", "fdiv", "preg_last_error_msg",
  "array_is_list", "fsync", "fdatasync", "enum_exists", "json_validate", "mb_str_pad", "array_find", "array_any", "array_all", "mb_trim",
  "ini_parse_quantity", "iterator_apply_all", "array_first", "array_last"];
const laterClasses = ["stringable", "weakmap", "valueerror", "unhandledmatcherror", "attribute", "fiber", "returntypewillchange"];

const name = (node) => (node && typeof node.name === "string" ? node.name.replace(/^\\/, "").toLowerCase() : "");

function typeProblem(type) {
  if (!type || typeof type !== "object") return null;
  if (type.kind === "uniontype" || type.kind === "intersectiontype") return "a type of several types";
  if (type.kind === "staticreference") return "the type static";
  return laterTypes.includes(name(type)) ? `the type ${name(type)}` : null;
}

function holdsNew(node) {
  if (!node || typeof node !== "object") return false;
  if (Array.isArray(node)) return node.some(holdsNew);
  return node.kind === "new" || Object.entries(node).some(([key, value]) => key !== "loc" && holdsNew(value));
}

function problemsOf(node) {
  const found = [];
  const add = (condition, what) => { if (condition) found.push(what); };
  switch (node.kind) {
    case "parameter":
      add(node.flags > 0 || node.readonly, "a promoted constructor parameter");
      add(holdsNew(node.value), "new in a default value");
      add(typeProblem(node.type), typeProblem(node.type));
      break;
    case "property":
      add(node.readonly, "a readonly property");
      add(typeProblem(node.type), typeProblem(node.type));
      break;
    case "function": case "method": case "closure": case "arrowfunc":
      add(typeProblem(node.type), typeProblem(node.type));
      break;
    case "class":
      add(node.isReadonly, "a readonly class");
      break;
    case "trait":
      add((node.body || []).some((member) => member.kind === "classconstant"), "a constant in a trait");
      break;
    case "staticlookup":
      add(name(node.offset) === "class" && !["name", "selfreference", "staticreference", "parentreference"].includes(node.what.kind), "::class of an object");
      break;
    case "call":
      add(laterFunctions.includes(name(node.what)), `the function ${name(node.what)}`);
      break;
    case "name":
      add(laterClasses.includes(name(node)), `the class ${node.name}`);
      break;
    case "commentline":
      add(/^#\[/.test(node.value || ""), "an attribute");
      break;
  }
  return found;
}

function walk(node, report) {
  if (!node || typeof node !== "object") return;
  if (Array.isArray(node)) { node.forEach((one) => walk(one, report)); return; }
  if (node.kind) for (const what of problemsOf(node)) report(node.loc ? node.loc.start.line : 0, what);
  for (const [key, value] of Object.entries(node)) if (key !== "loc") walk(value, report);
}

function check(file) {
  const problems = new Set();
  try {
    const source = readFileSync(file, "utf8");
    const tree = parser.parseCode(source, file);
    if (/\b0o[0-7]/i.test(source)) problems.add(`${file}:0: an octal number with 0o is not PHP 7.4`);
    walk(tree, (line, what) => problems.add(`${file}:${line}: ${what} is not PHP 7.4`));
  } catch (error) {
    problems.add(`${file}:${error.lineNumber || 0}: ${error.message}`);
  }
  return [...problems];
}

const all = process.argv.slice(2).flatMap(check);
for (const line of all) console.log(line);
process.exitCode = all.length > 0 || process.argv.length < 3 ? 1 : 0;
