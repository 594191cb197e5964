// Types of the API's answers and requests, from its OpenAPI description on standard input, to standard output.
import { text } from "node:stream/consumers";

import { compile } from "json-schema-to-typescript";
import * as prettier from "prettier";

const document = JSON.parse((await text(process.stdin)).replaceAll("#/components/schemas/", "#/definitions/"));
const definitions = document.components.schemas;
for (const schema of Object.values(definitions)) dropTitles(schema);
const root = { type: "object", additionalProperties: false, definitions };
const source = await compile(root, "Root", {
  additionalProperties: false,
  bannerComment: "/** Generated from /openapi.json by `make web-types`; not to be edited. */",
  format: false,
  ignoreMinAndMaxItems: true,
  unreachableDefinitions: true,
});
const options = await prettier.resolveConfig(new URL("../src/api/schema.ts", import.meta.url).pathname);
const named = source.replace(
  / \* *\n \* This interface was referenced by `Root`'s JSON-Schema\n \* via the `definition` ".*"\.\n/g,
  "",
);
const plain = named
  .replace(/\/\*\*\n \* This interface was referenced by .*\n \* via .*\n \*\/\n/g, "")
  .replace(/export interface Root \{\s*\}/, "");
process.stdout.write(await prettier.format(plain, { ...options, parser: "typescript" }));

/** A field's title would become a type of its own; a schema's has its key as its name already. */
function dropTitles(node) {
  if (Array.isArray(node)) node.forEach(dropTitles);
  else if (node && typeof node === "object") {
    if (typeof node.title === "string") delete node.title;
    Object.values(node).forEach(dropTitles);
  }
}
