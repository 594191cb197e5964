import type { ComponentChildren } from "preact";

import { Header } from "./components/header";
import { LanguageChoice } from "./components/language-choice";
import { Link } from "./components/link";
import { useLanguage } from "./lib/language";
import { useMember } from "./lib/member";
import { useProfiles } from "./lib/profiles";
import { useFocusOnArrival } from "./lib/returning";
import { BROWSE, listPath, LISTS, useRoute, type Route } from "./lib/router";
import { say } from "./lib/words";
import { AccountPage } from "./pages/account";
import { BrowsePage } from "./pages/browse";
import { CollectionPage } from "./pages/collection";
import { GenrePage, LanguagePage } from "./pages/genre";
import { HistoryPage } from "./pages/history";
import { HomePage } from "./pages/home";
import { ListPage } from "./pages/list";
import { MissingPage } from "./pages/missing";
import { PersonPage } from "./pages/person";
import { PlanPage } from "./pages/plan";
import { PreviewPage } from "./pages/preview";
import { NewProfilePage, ProfilePage } from "./pages/profile";
import { ProfilesPage } from "./pages/profiles";
import { SearchPage } from "./pages/search";
import { SeriesPage } from "./pages/series";
import { ConfirmAddressPage, ForgottenPage, RegisterPage, ResetPage, SignInPage, VerifyPage } from "./pages/sign-in";
import { TitlePage } from "./pages/title";
import { WatchPage } from "./pages/watch";
import { YourDataPage } from "./pages/your-data";

export function App() {
  const route = useRoute();
  useLanguage();
  useFocusOnArrival(JSON.stringify(route));
  if (route.page === "watch") {
    return (
      <Gate>
        <WatchPage key={route.titleId} {...route} />
      </Gate>
    );
  }
  if (route.page === "preview") return <PreviewPage />;
  return (
    <Frame query={route.page === "search" ? route.query : ""}>
      <Pages route={route} />
    </Frame>
  );
}

function Frame({ query, children }: { query: string; children: ComponentChildren }) {
  const guest = useMember() === null;
  return (
    <>
      <a class="skip-link" href="#main">
        {say("skip-to-content")}
      </a>
      <Header query={query} />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <footer class="footer">
        <span class="bulbs" aria-hidden="true" />
        Marquee
        {guest && <LanguageChoice />}
        <nav class="footer-ways" aria-label={say("browse")}>
          <Link to={BROWSE}>{say("browse")}</Link>
          {LISTS.map((list) => (
            <Link key={list} to={listPath(list)}>
              {say(`list.${list}`)}
            </Link>
          ))}
        </nav>
      </footer>
    </>
  );
}

/** Pages that show what the profile may see. */
function Titles({ route }: { route: Route }) {
  switch (route.page) {
    case "home":
      return <HomePage />;
    case "browse":
      return <BrowsePage />;
    case "search":
      return <SearchPage search={route} />;
    case "list":
      return <ListPage key={route.list} list={route.list} />;
    case "genre":
      return <GenrePage key={route.genre} genre={route.genre} />;
    case "language":
      return <LanguagePage key={route.language} language={route.language} />;
    case "person":
      return <PersonPage key={route.personId} personId={route.personId} />;
    case "series":
      return <SeriesPage key={route.slug} slug={route.slug} />;
    case "collection":
      return <CollectionPage key={route.slug} slug={route.slug} />;
    case "title":
      return <TitlePage key={route.titleId} titleId={route.titleId} />;
    case "history":
      return <HistoryPage />;
    default:
      return <MissingPage />;
  }
}

function Pages({ route }: { route: Route }) {
  switch (route.page) {
    case "profiles":
      return <ProfilesPage />;
    case "new-profile":
      return <NewProfilePage />;
    case "profile":
      return <ProfilePage key={route.profileId} profileId={route.profileId} />;
    case "sign-in":
      return <SignInPage />;
    case "register":
      return <RegisterPage />;
    case "forgotten":
      return <ForgottenPage />;
    case "reset":
      return <ResetPage />;
    case "verify":
      return <VerifyPage />;
    case "confirm-address":
      return <ConfirmAddressPage />;
    case "your-data":
      return <YourDataPage />;
    case "account":
      return <AccountPage />;
    case "plan":
      return <PlanPage />;
    case "missing":
      return <MissingPage />;
    default:
      return (
        <Gate framed>
          <Titles route={route} />
        </Gate>
      );
  }
}

/** Asks a member who is watching before anything is shown that depends on it. Guests pass. */
function Gate({ framed = false, children }: { framed?: boolean; children: ComponentChildren }) {
  const member = useMember();
  const list = useProfiles();
  if (member === undefined) return framed ? <div class="gate-wait" aria-busy="true" /> : <main aria-busy="true" />;
  if (!member || !list || list.current) return <>{children}</>;
  return framed ? (
    <ProfilesPage />
  ) : (
    <Frame query="">
      <ProfilesPage />
    </Frame>
  );
}
