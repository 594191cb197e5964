/** All titles of a genre, or of an original language. */

import { listTitles, type TitleFilter } from "../api/catalogue";
import { Grid } from "../components/grid";
import { Listing } from "../components/listing";
import { Loaded } from "../components/loaded";
import { chosenFrom } from "../lib/chosen";
import { genre as genreName, language as languageName } from "../lib/format";
import { useLoad } from "../lib/load";
import { say } from "../lib/words";

export function GenrePage({ genre }: { genre: string }) {
  return <Filtered row="genre" heading={genreName(genre)} filter={{ genre }} />;
}

export function LanguagePage({ language }: { language: string }) {
  return <Filtered row="language" heading={languageName(language)} filter={{ language }} />;
}

interface Props {
  row: "genre" | "language";
  heading: string;
  filter: TitleFilter;
}

function Filtered({ row, heading, filter }: Props) {
  const load = useLoad(JSON.stringify(filter), (signal) => listTitles(filter, signal));
  return (
    <Loaded load={load} title={() => heading}>
      {(first) => (
        <Listing eyebrow={say(row)} heading={heading}>
          {first.items.length ? (
            <Grid
              first={first}
              more={(cursor, signal) => listTitles({ ...filter, cursor }, signal)}
              onFollow={chosenFrom(row)}
            />
          ) : (
            <p class="nothing">{say("of.none")}</p>
          )}
        </Listing>
      )}
    </Loaded>
  );
}
