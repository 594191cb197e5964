/** The account: address, password, authenticator app, devices, what happened to it, the member's data. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { askExport, getExport, sendExportLink } from "../api/exports";
import {
  askDeletion,
  changeAddress,
  changePassword,
  confirmTotp,
  getAccount,
  listAudit,
  listDevices,
  logOut,
  proposeTotp,
  removeDevice,
  removeTotp,
  sendVerification,
  takeDeletionBack,
} from "../api/member";
import { addPasskey, knowsPasskeys, listPasskeys, removePasskey } from "../api/passkeys";
import { listStreams, stopStream } from "../api/playback";
import type { Account, AuditPage, Export, TotpProposal } from "../api/types";
import { Failure } from "../components/failure";
import { Field, Form } from "../components/form";
import { Link } from "../components/link";
import { Means, Proven } from "../components/proven";
import { useDocumentTitle, useLoad } from "../lib/load";
import { byOwner } from "../lib/passkey";
import { HISTORY, navigate, PLAN, PROFILES, SIGN_IN } from "../lib/router";
import { pageLanguage, say, sayDay, sayMoment, saySize, type Word } from "../lib/words";

const SIGNED_OUT = new Set(["signed-out", "unauthorised"]);

export function AccountPage() {
  useDocumentTitle(say("account"));
  const [changes, setChanges] = useState(0);
  const load = useLoad(`account ${changes}`, () => getAccount());
  const held = useRef<Account | null>(null); // a reload leaves what is shown
  const signedOut = load.state === "failed" && SIGNED_OUT.has(load.error.type);
  useEffect(() => {
    if (signedOut) navigate(SIGN_IN, { replace: true });
  }, [signedOut]);
  if (signedOut) return null;
  if (load.state === "failed") return <Failure error={load.error} retry={load.retry} />;
  if (load.state === "ready") held.current = load.value;
  const account = held.current;
  return (
    <section class="account" lang={pageLanguage()} aria-busy={!account}>
      <h1 class="display small">{say("account")}</h1>
      {account && <Sections account={account} changed={() => setChanges((n) => n + 1)} />}
    </section>
  );
}

function Sections({ account, changed }: { account: Account; changed: () => void }) {
  return (
    <Means.Provider value={account}>
      <Elsewhere />
      <Address account={account} />
      <Password />
      <Passkeys changed={changed} />
      <Authenticator account={account} changed={changed} />
      <Streams />
      <Devices />
      <Trail />
      <OwnData />
      <Deletion account={account} changed={changed} />
      <SignOut />
    </Means.Provider>
  );
}

/** The pages that stand beside this one. */
function Elsewhere() {
  return (
    <nav class="tags" aria-label={say("account")}>
      <Link to={PLAN} class="tag">
        {say("plan")}
      </Link>
      <Link to={PROFILES} class="tag">
        {say("profiles")}
      </Link>
      <Link to={HISTORY} class="tag">
        {say("history")}
      </Link>
    </nav>
  );
}

function Panel({ title, children }: { title: Word; children: ComponentChildren }) {
  return (
    <section class="panel">
      <h2>{say(title)}</h2>
      <div class="panel-body">{children}</div>
    </section>
  );
}

function Address({ account }: { account: Account }) {
  const [again, setAgain] = useState(false);
  return (
    <Panel title="email">
      <p class="panel-value">{account.email}</p>
      {account.email_verified ? (
        <p class="panel-note">{say("account.verified")}</p>
      ) : (
        <p class="panel-warning" role="status">
          {say(again ? "account.again.done" : "account.unverified")}{" "}
          {!again && (
            <button
              type="button"
              class="inline-link"
              onClick={() => void sendVerification().then(() => setAgain(true))}
            >
              {say("account.again")}
            </button>
          )}
        </p>
      )}
      <Proven
        button="address.change"
        send={async (proof, { email = "" }) => {
          await changeAddress(email, proof);
          return "address.done";
        }}
      >
        <Field label="address.new" name="email" type="email" autocomplete="email" />
      </Proven>
    </Panel>
  );
}

function Password() {
  return (
    <Panel title="password">
      <Proven
        button="password.change"
        send={async (proof, { password = "" }) => {
          await changePassword(password, proof);
          return "password.changed";
        }}
      >
        <Field label="password.new" name="password" type="password" autocomplete="new-password" hint="password.hint" />
      </Proven>
    </Panel>
  );
}

function Passkeys({ changed: accountChanged }: { changed: () => void }) {
  const [changes, setChanges] = useState(0);
  const load = useLoad(`passkeys ${changes}`, () => listPasskeys());
  if (load.state === "failed") return <Failure error={load.error} retry={load.retry} />;
  const items = load.state === "ready" ? load.value.items : [];
  const changed = (): null => {
    setChanges((n) => n + 1);
    accountChanged(); // it can be proven otherwise now
    return null;
  };
  return (
    <Panel title="passkeys">
      <p>{say("passkeys.why")}</p>
      <ul class="lines" aria-busy={load.state === "loading"}>
        {items.map((passkey) => (
          <li key={passkey.passkey_id}>
            <span>
              <strong>{passkey.name || say("devices.unknown")}</strong>
              <small>{sayMoment(passkey.used_at ?? passkey.created_at)}</small>
            </span>
            <Proven
              button="remove"
              send={async (proof) => {
                await removePasskey(passkey.passkey_id, proof);
                return changed();
              }}
            />
          </li>
        ))}
      </ul>
      {knowsPasskeys() ? (
        <Proven
          button="passkeys.add"
          send={async (proof) => {
            await byOwner(() => addPasskey(proof));
            return changed();
          }}
        />
      ) : (
        <p class="panel-note">{say("passkeys.unknown")}</p>
      )}
    </Panel>
  );
}

function Authenticator({ account, changed }: { account: Account; changed: () => void }) {
  const [proposal, setProposal] = useState<TotpProposal | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const confirm = async ({ code = "" }: Record<string, string>): Promise<void> => {
    setCodes(await confirmTotp(code));
    setProposal(null);
  };
  const kept = (): void => {
    setCodes(null);
    changed();
  };
  return (
    <Panel title="totp.title">
      {codes && <RecoveryCodes codes={codes} kept={kept} />}
      {!codes && proposal && <Proposal proposal={proposal} confirm={confirm} />}
      {!codes && !proposal && (
        <>
          <p>{account.totp ? say("totp.on", { count: account.recovery_codes_left }) : say("totp.why")}</p>
          {account.totp ? (
            <Proven
              key="remove"
              button="totp.remove"
              send={async (proof) => {
                await removeTotp(proof);
                changed();
                return null;
              }}
            />
          ) : (
            <Proven
              key="begin"
              button="totp.begin"
              send={async (proof) => {
                setProposal(await proposeTotp(proof));
                return null;
              }}
            />
          )}
        </>
      )}
    </Panel>
  );
}

function Proposal({
  proposal,
  confirm,
}: {
  proposal: TotpProposal;
  confirm: (typed: Record<string, string>) => Promise<void>;
}) {
  return (
    <>
      <p>{say("totp.scan")}</p>
      {/* the API's own drawing: paths, no text of anybody's */}
      <div class="qr" role="img" aria-label={say("totp.qr")} dangerouslySetInnerHTML={{ __html: proposal.qr_svg }} />
      <p class="panel-note">
        {say("totp.key")} <code class="key">{proposal.secret}</code>
      </p>
      <Form button="totp.confirm" send={confirm}>
        <Field label="totp.code" name="code" autocomplete="one-time-code" numeric />
      </Form>
    </>
  );
}

function RecoveryCodes({ codes, kept }: { codes: string[]; kept: () => void }) {
  return (
    <>
      <h3>{say("totp.codes")}</h3>
      <p>{say("totp.codes.text")}</p>
      <ul class="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <button type="button" class="button primary" onClick={kept}>
        {say("totp.codes.kept")}
      </button>
    </>
  );
}

function Streams() {
  const [changes, setChanges] = useState(0);
  const load = useLoad(`streams ${changes}`, () => listStreams());
  if (load.state !== "ready" || !load.value.items.length) return null;
  return (
    <Panel title="streams">
      <ul class="lines">
        {load.value.items.map((stream) => (
          <li key={stream.session_id}>
            <span>
              <strong>{stream.name}</strong>
              <small>{stream.device}</small>
            </span>
            <button
              type="button"
              class="button ghost small"
              onClick={() => void stopStream(stream.session_id).then(() => setChanges((n) => n + 1))}
            >
              {say("streams.end")}
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Devices() {
  const [changes, setChanges] = useState(0);
  const load = useLoad(`devices ${changes}`, () => listDevices());
  if (load.state === "failed") return <Failure error={load.error} retry={load.retry} />;
  const items = load.state === "ready" ? load.value.items : [];
  return (
    <Panel title="devices">
      <ul class="lines" aria-busy={load.state === "loading"}>
        {items.map((device) => (
          <li key={device.device_id}>
            <span>
              <strong>{device.name || say("devices.unknown")}</strong>
              <small>
                {device.current ? say("devices.this") : say("devices.seen", { when: sayMoment(device.seen_at) })}
              </small>
            </span>
            {!device.current && (
              <button
                type="button"
                class="button ghost small"
                onClick={() => void removeDevice(device.device_id).then(() => setChanges((n) => n + 1))}
              >
                {say("sign-out")}
              </button>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Trail() {
  const [pages, setPages] = useState<AuditPage[]>([]);
  const load = useLoad("trail", () => listAudit(null));
  if (load.state === "failed") return <Failure error={load.error} retry={load.retry} />;
  const all = load.state === "ready" ? [load.value, ...pages] : [];
  const next = all.at(-1)?.next_before;
  return (
    <Panel title="trail">
      <ul class="lines" aria-busy={load.state === "loading"}>
        {all
          .flatMap((page) => page.items)
          .map((entry) => (
            <li key={`${entry.at} ${entry.kind}`}>
              <span>
                <strong>{say(`kind.${entry.kind}` as Word)}</strong>
                <small>
                  {sayMoment(entry.at)}
                  {entry.device && entry.device !== "unknown" && ` · ${entry.device}`}
                </small>
              </span>
            </li>
          ))}
      </ul>
      {next && (
        <button
          type="button"
          class="button ghost small"
          onClick={() => void listAudit(next).then((page) => setPages((before) => [...before, page]))}
        >
          {say("trail.more")}
        </button>
      )}
    </Panel>
  );
}

const LOOK_AGAIN_MS = 5_000; // while a copy is being made

function OwnData() {
  const [looks, setLooks] = useState(0);
  const load = useLoad(`export ${looks}`, () => getExport());
  const held = useRef<Export | null>(null); // another look leaves what is shown
  if (load.state === "ready") held.current = load.value;
  const copy = held.current;
  const look = (): void => setLooks((n) => n + 1);
  const underWay = copy?.state === "asked" || copy?.state === "making";
  useEffect(() => {
    if (load.state !== "ready" || !underWay) return undefined;
    const timer = setTimeout(look, LOOK_AGAIN_MS);
    return () => clearTimeout(timer);
  }, [load.state, underWay, looks]);
  if (load.state === "failed") return <Failure error={load.error} retry={load.retry} />;
  const mayAsk = copy && !underWay && (!copy.next_at || new Date(copy.next_at) <= new Date());
  return (
    <Panel title="data">
      <p>{say("data.why")}</p>
      {copy && <Copy copy={copy} />}
      {copy?.state === "ready" && <AnotherLink />}
      {copy?.next_at && !mayAsk && !underWay && (
        <p class="panel-note">{say("data.next", { when: sayMoment(copy.next_at) })}</p>
      )}
      {mayAsk && (
        <Proven
          button="data.ask"
          send={async (proof) => {
            await askExport(proof);
            look();
            return null;
          }}
        />
      )}
    </Panel>
  );
}

/** How it stands with the latest copy. */
function Copy({ copy }: { copy: Export }) {
  const state = copy.state === "asked" ? "making" : copy.state;
  if (!state) return null;
  const day = copy.expires_at ? sayDay(copy.expires_at) : "";
  return (
    <p class="panel-warning" role="status">
      {say(`data.${state}`, { day, size: saySize(copy.size ?? 0) })}
    </p>
  );
}

function AnotherLink() {
  const [sent, setSent] = useState(false);
  if (sent) return <p role="status">{say("data.again.done")}</p>;
  return (
    <Form
      button="data.again"
      quiet
      send={async () => {
        await sendExportLink();
        setSent(true);
      }}
    />
  );
}

function leave(everywhere: boolean): void {
  void logOut(everywhere).finally(() => navigate(SIGN_IN, { replace: true }));
}

function Deletion({ account, changed }: { account: Account; changed: () => void }) {
  const [failed, setFailed] = useState(false);
  const keep = (): void => {
    takeDeletionBack().then(changed, () => setFailed(true));
  };
  return (
    <Panel title="deletion">
      {account.delete_at ? (
        <>
          <p class="panel-warning" role="status">
            {say("deletion.at", { day: sayDay(account.delete_at) })}
          </p>
          <button type="button" class="button primary" onClick={keep}>
            {say("deletion.back")}
          </button>
        </>
      ) : (
        <>
          <p>{say("deletion.why")}</p>
          <Proven
            button="deletion.ask"
            send={async (proof) => {
              await askDeletion(proof);
              changed();
              return null;
            }}
          />
        </>
      )}
      {failed && <p role="alert">{say("problem.unknown")}</p>}
    </Panel>
  );
}

function SignOut() {
  return (
    <div class="actions">
      <button type="button" class="button primary" onClick={() => leave(false)}>
        {say("sign-out")}
      </button>
      <button type="button" class="button ghost" onClick={() => leave(true)}>
        {say("sign-out.everywhere")}
      </button>
    </div>
  );
}
