/** A list that is the same for everybody: new, leaving soon, the ten most played. */

import { getList } from "../api/catalogue";
import type { TitleList } from "../api/types";
import { Card } from "../components/card";
import { Grid } from "../components/grid";
import { Listing } from "../components/listing";
import { Loaded } from "../components/loaded";
import { chosenFrom } from "../lib/chosen";
import { useLoad } from "../lib/load";
import type { ListName } from "../lib/router";
import { say } from "../lib/words";

export function ListPage({ list }: { list: ListName }) {
  const load = useLoad(`list ${list}`, (signal) => getList(list, signal));
  const heading = say(`list.${list}`);
  return (
    <Loaded load={load} title={() => heading}>
      {(found) => (
        <Listing eyebrow={say("list")} heading={heading} text={say(`list.${list}.why`)}>
          {found.items.length === 0 && <p class="nothing">{say("list.none")}</p>}
          {list === "top10" ? <Ranked found={found} /> : <Grid first={found} onFollow={chosenFrom(list)} />}
        </Listing>
      )}
    </Loaded>
  );
}

function Ranked({ found }: { found: TitleList }) {
  const chosen = chosenFrom("top10");
  return (
    <ol class="grid ranked">
      {found.items.map((title, position) => (
        <li key={title.title_id}>
          <span class="numeral">
            <span class="visually-hidden">{say("rows.place", { place: position + 1 })}</span>
            <span aria-hidden="true">{position + 1}</span>
          </span>
          <Card title={title} onFollow={() => chosen(title.title_id, position)} />
        </li>
      ))}
    </ol>
  );
}
