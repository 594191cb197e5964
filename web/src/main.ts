import "./styles/base.css";
import "./styles/account.css";
import "./styles/browse.css";
import "./styles/profiles.css";
import "./styles/shop.css";
import "./styles/television.css";
import "./styles/title.css";
import "./styles/watch.css";

import { askAhead } from "./lib/ahead";
import { fetchTypefaces } from "./lib/typefaces";

askAhead();
fetchTypefaces();
void import("./mount");
