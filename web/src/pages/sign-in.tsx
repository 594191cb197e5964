/** Signing in, opening an account, and the pages that links in messages lead to. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { ApiError } from "../api/client";
import { askPasswordReset, confirmAddress, logIn, register, resetPassword, verify } from "../api/member";
import { knowsPasskeys, logInByPasskey } from "../api/passkeys";
import { providerName, toProvider } from "../api/provider";
import { Field, Form } from "../components/form";
import { Link } from "../components/link";
import { useDocumentTitle, useLoad } from "../lib/load";
import { byOwner } from "../lib/passkey";
import { FORGOTTEN, navigate, REGISTER, SIGN_IN } from "../lib/router";
import { pageLanguage, say, sayProblem, type Word } from "../lib/words";

export function Sheet({ title, children }: { title: Word; children: ComponentChildren }) {
  useDocumentTitle(say(title));
  return (
    <section class="sheet" lang={pageLanguage()}>
      <h1 class="display tiny">{say(title)}</h1>
      {children}
    </section>
  );
}

export function Done({ title, text, children }: { title: Word; text?: string; children?: ComponentChildren }) {
  return (
    <Sheet title={title}>
      {text && <p role="status">{text}</p>}
      {children}
    </Sheet>
  );
}

export const ToSignIn = () => (
  <div class="actions">
    <Link to={SIGN_IN} class="button primary">
      {say("sign-in")}
    </Link>
  </div>
);

/** What went wrong on the way to the provider and back. */
function problemOfProvider(): string | null {
  return new URLSearchParams(location.search).get("problem");
}

function Provider() {
  const name = useLoad("provider", () => providerName());
  if (name.state !== "ready" || !name.value) return null;
  return (
    <button type="button" class="button ghost" onClick={toProvider}>
      {say("provider.use", { name: name.value })}
    </button>
  );
}

export function SignInPage() {
  const problem = problemOfProvider();
  const [known, setKnown] = useState<{ email: string; password: string } | null>(null);
  const send = async (typed: Record<string, string>): Promise<void> => {
    const { email, password } = known ?? { email: typed.email ?? "", password: typed.password ?? "" };
    try {
      await logIn(email, password, typed.code ?? null);
      navigate("/", { replace: true });
    } catch (error) {
      if (!(error instanceof ApiError) || error.type !== "second-factor-required") throw error;
      setKnown({ email, password });
    }
  };
  return (
    <Sheet title="sign-in">
      {known && <p role="status">{say("sign-in.code.why")}</p>}
      <Form key={known ? "code" : "password"} button={known ? "continue" : "sign-in"} send={send}>
        {known ? (
          <Field label="sign-in.code" name="code" autocomplete="one-time-code" />
        ) : (
          <>
            <Field label="email" name="email" type="email" autocomplete="username" />
            <Field label="password" name="password" type="password" autocomplete="current-password" />
          </>
        )}
      </Form>
      {!known && problem && (
        <p role="alert" class="form-failure">
          {sayProblem(problem)}
        </p>
      )}
      {!known && <Provider />}
      {!known && knowsPasskeys() && (
        <Form
          button="passkey.use"
          quiet
          send={async () => {
            await byOwner(logInByPasskey);
            navigate("/", { replace: true });
          }}
        />
      )}
      {!known && (
        <p class="sheet-foot">
          <Link to={FORGOTTEN} class="quiet-link">
            {say("forgotten")}
          </Link>
          <span>
            {say("sign-in.none")}{" "}
            <Link to={REGISTER} class="inline-link">
              {say("register")}
            </Link>
          </span>
        </p>
      )}
    </Sheet>
  );
}

export function RegisterPage() {
  const [sent, setSent] = useState("");
  if (sent) return <Done title="register.done" text={say("register.done.text", { email: sent })} />;
  return (
    <Sheet title="register">
      <Form
        button="register"
        send={async ({ email = "", password = "" }) => {
          await register(email, password, pageLanguage());
          setSent(email);
        }}
      >
        <Field label="email" name="email" type="email" autocomplete="username" />
        <Field label="password" name="password" type="password" autocomplete="new-password" hint="password.hint" />
      </Form>
      <p class="sheet-foot">
        <span>
          {say("register.known")}{" "}
          <Link to={SIGN_IN} class="inline-link">
            {say("sign-in")}
          </Link>
        </span>
      </p>
    </Sheet>
  );
}

export function ForgottenPage() {
  const [sent, setSent] = useState("");
  if (sent) return <Done title="forgotten.done" text={say("forgotten.done.text", { email: sent })} />;
  return (
    <Sheet title="forgotten.title">
      <Form
        button="forgotten.ask"
        send={async ({ email = "" }) => {
          await askPasswordReset(email, pageLanguage());
          setSent(email);
        }}
      >
        <Field label="email" name="email" type="email" autocomplete="username" />
      </Form>
    </Sheet>
  );
}

/** The token behind the # is taken out of the address at once, so that it stays in no history. */
function takeToken(): string {
  const found = location.hash.slice(1);
  if (found) history.replaceState(history.state, "", location.pathname);
  return found;
}

/** A page for the token of a link; another link that is opened in the same tab begins it anew. */
export function linked(Inner: (props: { token: string }) => JSX.Element, Without: () => JSX.Element = NoLink) {
  return function LinkedPage() {
    const [token, setToken] = useState(takeToken);
    useEffect(() => {
      const take = (): void => setToken((before) => takeToken() || before);
      window.addEventListener("hashchange", take);
      return () => window.removeEventListener("hashchange", take);
    }, []);
    return token ? <Inner key={token} token={token} /> : <Without />;
  };
}

const NoLink = () => (
  <Done title="link.none" text={say("link.none.text")}>
    <ToSignIn />
  </Done>
);

export const ResetPage = linked(function Reset({ token }) {
  const [done, setDone] = useState(false);
  if (done)
    return (
      <Done title="reset.done" text={say("reset.done.text")}>
        <ToSignIn />
      </Done>
    );
  return (
    <Sheet title="forgotten.title">
      <Form
        button="forgotten.title"
        send={async ({ password = "" }) => {
          await resetPassword(token, password);
          setDone(true);
        }}
      >
        <Field label="password.new" name="password" type="password" autocomplete="new-password" hint="password.hint" />
      </Form>
    </Sheet>
  );
});

/** A button stands before the link is spent: programs that look into messages open links, too. */
export const VerifyPage = linked(function Verify({ token }) {
  const [done, setDone] = useState(false);
  if (done)
    return (
      <Done title="verify.done">
        <ToSignIn />
      </Done>
    );
  return (
    <Sheet title="verify.title">
      <Form
        button="verify.button"
        send={async () => {
          await verify(token);
          setDone(true);
        }}
      />
    </Sheet>
  );
});

export const ConfirmAddressPage = linked(function ConfirmAddress({ token }) {
  const [complete, setComplete] = useState<boolean | null>(null);
  if (complete === false) return <Done title="confirm.half" text={say("confirm.half.text")} />;
  if (complete)
    return (
      <Done title="confirm.done">
        <ToSignIn />
      </Done>
    );
  return (
    <Sheet title="confirm.title">
      <Form button="verify.button" send={async () => setComplete(await confirmAddress(token))} />
    </Sheet>
  );
});
