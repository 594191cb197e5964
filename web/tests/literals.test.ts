import { readdirSync, readFileSync } from "node:fs";

import { parseSync } from "vite";
import { expect, test } from "vitest";

import { LANGUAGES } from "../src/lib/words";

/** What a viewer sees or hears comes from the catalogue (say), so no other file of the app holds text for people. */

const CATALOGUE = ["lib/words.ts", "words/", "api/schema.ts"];
const SPOKEN = /^(aria-(label|description|roledescription|valuetext)|alt|placeholder|title|label|heading|summary)$/;
const PROGRAMMERS = /^(Api)?Error$/; // whom the message of an error is for
const KEYS = ["Backspace", "Enter", "Escape"]; // as events name them
const ALLOWED = new Set(["Marquee", "Authorization", "Bearer", ...KEYS]);
const LETTERS = /\p{L}{2}/u;
const PROSE = /^\p{Lu}\p{Ll}+([ ,.:…!?]|$)/u; // begins as a sentence or a heading does

const isKey = (text: string): boolean => text in LANGUAGES.en!; // which a component takes for its text

interface Node {
  type: string;
  start: number;
  [key: string]: unknown;
}

function* children(node: Node): Generator<Node> {
  for (const value of Object.values(node)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (typeof each === "object" && each !== null && typeof (each as Node).type === "string") yield each as Node;
    }
  }
}

function textOf({ type, value }: Node): string {
  if (type === "TemplateElement") return (value as { raw: string }).raw;
  return typeof value === "string" ? value : "";
}

const nameOf = (node: unknown): string => {
  const { name, property } = (node ?? {}) as { name?: unknown; property?: unknown };
  return typeof name === "string" ? name : name ? nameOf(name) : property ? nameOf(property) : "";
};

const HOLDER = /^(JSXAttribute|JSXSpreadAttribute|JSXElement|CallExpression|NewExpression|BinaryExpression)$/;
const TYPE = /^(ImportDeclaration|TS(?!As|Satisfies|NonNull))/;

/** Texts for people below a node; `holder` is what the node is a value of. */
function* literals(node: Node, holder: Node | null = null): Generator<string> {
  if (TYPE.test(node.type)) return;
  const text = textOf(node).trim();
  if (text && !ALLOWED.has(text) && isSpoken(node, text, holder)) yield text;
  for (const child of children(node)) yield* literals(child, HOLDER.test(node.type) ? node : holder);
}

function isSpoken(node: Node, text: string, holder: Node | null): boolean {
  if (node.type === "JSXText" || holder?.type === "JSXElement") return LETTERS.test(text);
  if (holder?.type === "JSXAttribute") return SPOKEN.test(nameOf(holder)) && LETTERS.test(text) && !isKey(text);
  return PROSE.test(text) && !PROGRAMMERS.test(nameOf(holder?.callee));
}

function found(file: string, source: string): string[] {
  const { program, errors } = parseSync(file, source);
  expect(errors, file).toEqual([]);
  return [...literals(program as unknown as Node)];
}

const files = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name) && !CATALOGUE.some((start) => name.startsWith(start)))
  .sort();

test.each(files)("%s holds no text for people", (name) => {
  expect(found(name, readFileSync(`src/${name}`, "utf8"))).toEqual([]);
});

test.each([
  ["<p>Hello there</p>", "Hello there"],
  ["<p>{busy ? 'loading' : say('x')}</p>", "loading"],
  ["<a aria-label={`Go ${n}`} />", "Go"],
  ["<Hero heading='new' />", "new"],
  ["useDocumentTitle('Not found')", "Not found"],
  ["const label = kind === 'a' ? 'Skip intro' : ''", "Skip intro"],
  ["<b>{say('x', { name: `Mr ${name}` })}</b>", "Mr"],
])("%s is found", (source, text) => {
  expect(found("example.tsx", source)).toEqual([text]);
});
