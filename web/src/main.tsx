import "@fontsource-variable/bricolage-grotesque/wdth.css";
import "@fontsource-variable/instrument-sans/wght.css";
import "./styles/base.css";
import "./styles/account.css";
import "./styles/browse.css";
import "./styles/profiles.css";
import "./styles/shop.css";
import "./styles/television.css";
import "./styles/title.css";
import "./styles/watch.css";

import { render } from "preact";

import { App } from "./app";
import { followArrows } from "./lib/arrows";
import { keepShell } from "./lib/shell";

const root = document.getElementById("app");
followArrows();
keepShell();
if (root) render(<App />, root);
