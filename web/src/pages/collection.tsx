import { getCollection } from "../api/catalogue";
import { Grid } from "../components/grid";
import { Listing } from "../components/listing";
import { Loaded } from "../components/loaded";
import { chosenFrom } from "../lib/chosen";
import { useLoad } from "../lib/load";
import { say } from "../lib/words";

/** Titles that people have put together. */
export function CollectionPage({ slug }: { slug: string }) {
  const load = useLoad(`collection ${slug}`, (signal) => getCollection(slug, signal));
  return (
    <Loaded load={load} title={({ name }) => name}>
      {(found) => (
        <Listing eyebrow={say("collection")} heading={found.name} text={found.description}>
          <Grid first={found} onFollow={chosenFrom("collection")} />
        </Listing>
      )}
    </Loaded>
  );
}
