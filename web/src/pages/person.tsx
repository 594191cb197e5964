import { getPerson } from "../api/catalogue";
import type { Person } from "../api/types";
import { Grid } from "../components/grid";
import { Listing } from "../components/listing";
import { Loaded } from "../components/loaded";
import { chosenFrom } from "../lib/chosen";
import { role as roleName } from "../lib/format";
import { useLoad } from "../lib/load";
import { say, sayList } from "../lib/words";

/** Somebody, and what there is to see of them. */
export function PersonPage({ personId }: { personId: string }) {
  const load = useLoad(`person ${personId}`, (signal) => getPerson(personId, signal));
  return (
    <Loaded load={load} title={({ name }) => name}>
      {(person) => (
        <Listing
          eyebrow={say("person")}
          heading={person.name}
          text={sayList(person.roles.map(roleName))}
          status={say("person.titles", { count: person.titles.length })}
        >
          <Grid first={{ items: person.titles }} note={(id) => partsIn(person, id)} onFollow={chosenFrom("person")} />
        </Listing>
      )}
    </Loaded>
  );
}

/** "Director · as Keeper". */
function partsIn(person: Person, titleId: string): string {
  const parts = person.titles.find((title) => title.title_id === titleId)?.parts ?? [];
  const told = parts.map(({ role, character }) => (character ? say("title.as", { character }) : roleName(role)));
  return told.join(" · ");
}
