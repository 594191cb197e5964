/** The app itself, in a file of its own: what comes first only has to ask for answers. */

import { render } from "preact";

import { App } from "./app";
import { followArrows } from "./lib/arrows";
import { keepShell } from "./lib/shell";

const root = document.getElementById("app");
followArrows();
keepShell();
if (root) render(<App />, root);
