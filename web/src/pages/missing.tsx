import { Link } from "../components/link";
import { useDocumentTitle } from "../lib/load";
import { say } from "../lib/words";

export function MissingPage() {
  useDocumentTitle(say("missing.page"));
  return (
    <div class="notice">
      <h1>{say("missing.title")}</h1>
      <p>{say("missing.text")}</p>
      <div class="actions">
        <Link to="/" class="button primary">
          {say("home.back")}
        </Link>
      </div>
    </div>
  );
}
