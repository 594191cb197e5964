import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { Header } from "./components/header";
import { LanguageChoice } from "./components/language-choice";
import { useLanguage } from "./lib/language";
import { useMember } from "./lib/member";
import { useProfiles } from "./lib/profiles";
import { useRoute, type Route } from "./lib/router";
import { say } from "./lib/words";
import { AccountPage } from "./pages/account";
import { HistoryPage } from "./pages/history";
import { HomePage } from "./pages/home";
import { MissingPage } from "./pages/missing";
import { PlanPage } from "./pages/plan";
import { NewProfilePage, ProfilePage } from "./pages/profile";
import { ProfilesPage } from "./pages/profiles";
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
  return (
    <Frame query={route.page === "home" ? route.query : ""}>
      <Pages route={route} />
    </Frame>
  );
}

/** Whoever came by a link that is gone stands at the beginning of the new page, not of the document. */
function useFocusOnArrival(page: string): void {
  const first = useRef(page);
  useEffect(() => {
    if (page === first.current) return;
    first.current = "";
    if (document.activeElement === document.body) document.getElementById("main")?.focus({ preventScroll: true });
  }, [page]);
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
      </footer>
    </>
  );
}

function Pages({ route }: { route: Route }) {
  switch (route.page) {
    case "home":
      return (
        <Gate framed>
          <HomePage query={route.query} genre={route.genre} />
        </Gate>
      );
    case "title":
      return (
        <Gate framed>
          <TitlePage key={route.titleId} titleId={route.titleId} />
        </Gate>
      );
    case "history":
      return (
        <Gate framed>
          <HistoryPage />
        </Gate>
      );
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
    default:
      return <MissingPage />;
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
