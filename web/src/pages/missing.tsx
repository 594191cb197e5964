import { Link } from "../components/link";
import { useDocumentTitle } from "../lib/load";

export function MissingPage() {
  useDocumentTitle("Not found");
  return (
    <div class="notice">
      <h1>No such page</h1>
      <p>The address may be mistyped, or the page has moved.</p>
      <div class="actions">
        <Link to="/" class="button primary">
          To the home page
        </Link>
      </div>
    </div>
  );
}
