import { Header } from "./components/header";
import { useRoute } from "./lib/router";
import { AccountPage } from "./pages/account";
import { HomePage } from "./pages/home";
import { MissingPage } from "./pages/missing";
import { NewProfilePage } from "./pages/new-profile";
import { ProfilesPage } from "./pages/profiles";
import { ConfirmAddressPage, ForgottenPage, RegisterPage, ResetPage, SignInPage, VerifyPage } from "./pages/sign-in";
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
        {route.page === "sign-in" && <SignInPage />}
        {route.page === "register" && <RegisterPage />}
        {route.page === "forgotten" && <ForgottenPage />}
        {route.page === "reset" && <ResetPage />}
        {route.page === "verify" && <VerifyPage />}
        {route.page === "confirm-address" && <ConfirmAddressPage />}
        {route.page === "account" && <AccountPage />}
        {route.page === "missing" && <MissingPage />}
      </main>
      <footer class="footer">
        <span class="bulbs" aria-hidden="true" />
        Marquee
      </footer>
    </>
  );
}
