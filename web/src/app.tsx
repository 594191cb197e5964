import { Header } from "./components/header";
import { useRoute } from "./lib/router";
import { HomePage } from "./pages/home";
import { MissingPage } from "./pages/missing";
import { NewProfilePage } from "./pages/new-profile";
import { ProfilesPage } from "./pages/profiles";
import { TitlePage } from "./pages/title";
import { WatchPage } from "./pages/watch";

export function App() {
  const route = useRoute();
  if (route.page === "watch") return <WatchPage key={route.titleId} {...route} />;
  return (
    <>
      <a class="skip-link" href="#main">
        Skip to content
      </a>
      <Header query={route.page === "home" ? route.query : ""} />
      <main id="main" tabIndex={-1}>
        {route.page === "home" && <HomePage query={route.query} genre={route.genre} />}
        {route.page === "title" && <TitlePage key={route.titleId} titleId={route.titleId} />}
        {route.page === "profiles" && <ProfilesPage />}
        {route.page === "new-profile" && <NewProfilePage />}
        {route.page === "missing" && <MissingPage />}
      </main>
      <footer class="footer">
        <span class="bulbs" aria-hidden="true" />
        Marquee
      </footer>
    </>
  );
}
