import { Ways } from "../components/ways";
import { useDocumentTitle } from "../lib/load";
import { say } from "../lib/words";

export function BrowsePage() {
  useDocumentTitle(say("browse"));
  return (
    <section class="results">
      <h1 class="display small">{say("browse")}</h1>
      <Ways />
    </section>
  );
}
