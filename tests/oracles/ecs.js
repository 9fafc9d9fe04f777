// Reads what `guard log export --format ecs` writes, by the field definitions that
// Elastic publishes: every field is there, of its type, a list where lists are
// expected, and categories and types are among the allowed ones and fit together.
//
// usage: ecs.js FOLDER-OF-@elastic/ecs < EVENTS
//
// Prints the number of events, and exits with 1 at the first that does not fit.
"use strict";

const { EcsFlat, EcsVersion } = require(require("path").resolve(process.argv[2]));

const text = (value) => typeof value === "string";
const date = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const types = {
  keyword: text,
  wildcard: text,
  constant_keyword: text,
  text,
  match_only_text: text,
  date: (value) => text(value) && date.test(value) && !Number.isNaN(Date.parse(value)),
  long: Number.isSafeInteger,
  integer: Number.isSafeInteger,
  boolean: (value) => typeof value === "boolean",
};

/** Every field by its dotted name; objects are taken apart, lists are not. */
function flat(value, name, out) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    out.set(name, value);
    return out;
  }
  for (const [key, inner] of Object.entries(value)) {
    if (key.includes(".")) throw new Error(`${name}: a key with a dot, ${key}`);
    flat(inner, name === "" ? key : `${name}.${key}`, out);
  }
  return out;
}

function field(name, value) {
  const known = EcsFlat[name];
  if (known === undefined) {
    // Labels are of the sender's choice: text without further parts.
    if (/^labels\.[a-z_]+$/.test(name) && text(value)) return;
    throw new Error(`${name}: there is no such field`);
  }
  const check = types[known.type];
  if (check === undefined) throw new Error(`${name}: of a type that nobody checks, ${known.type}`);
  const list = (known.normalize || []).includes("array");
  if (Array.isArray(value) !== list) throw new Error(`${name}: ${list ? "no list" : "a list"}`);
  const allowed = known.allowed_values && known.allowed_values.map((one) => one.name);
  for (const one of list ? value : [value]) {
    if (!check(one)) throw new Error(`${name}: ${JSON.stringify(one)} is no ${known.type}`);
    if (allowed && !allowed.includes(one)) throw new Error(`${name}: ${one} is not allowed`);
  }
}

function event(line) {
  const fields = flat(JSON.parse(line), "", new Map());
  for (const [name, value] of fields) field(name, value);
  for (const name of ["@timestamp", "ecs.version"]) {
    if (EcsFlat[name].required !== true || !fields.has(name)) throw new Error(`${name}: missing`);
  }
  if (fields.get("ecs.version") !== EcsVersion) throw new Error(`the fields are of ${EcsVersion}`);
  const categories = EcsFlat["event.category"].allowed_values;
  const expected = fields.get("event.category").flatMap((name) =>
    categories.find((one) => one.name === name).expected_event_types);
  for (const type of fields.get("event.type")) {
    if (!expected.includes(type)) throw new Error(`event.type: ${type} is not of this category`);
  }
}

const lines = require("fs").readFileSync(0, "utf8").split("\n").filter((line) => line.trim());
for (const line of lines) {
  try {
    event(line);
  } catch (error) {
    console.error(`${error.message}\n${line}`);
    process.exit(1);
  }
}
console.log(lines.length);
