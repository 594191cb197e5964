"""The whole platform, started by its own command on free ports, driven as people drive it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pyarrow.parquet as pq
import pytest
import yaml

from marquee.content.edge.warmup import warm
from marquee.contracts.release import Release
from marquee.embedded import airflow, commands
from marquee.embedded.airflow_api import AirflowApi
from marquee.embedded.ports import free_for_settings
from marquee.settings import Settings
from marquee.settings.environment import as_environment
from marquee.viewing.eventlog.reader import unshipped
from tests.conftest import MakeClip

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).resolve().parents[2]
DAG = "title_pipeline"
BUSY = ("scheduled", "queued", "running")
EMAIL, PASSWORD = "ada@example.org", "lantern over quiet water"
PLANS = [
    {"slug": "everything", "name": "Everything", "height": 2160, "streams": 100, "profiles": 50},
    {
        "slug": "solo",
        "name": "Solo",
        "height": 1080,
        "streams": 1,
        "profiles": 2,
        "prices": [{"currency": "EUR", "amount": 500}],
    },
]
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    *["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
    *["--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required"],
]
FILM_S = 12
FILM_SRT = "1\n00:00:00,500 --> 00:00:11,000\nWords for whoever cannot hear.\n"


@dataclass
class Platform:
    """A running platform and the ways into it."""

    settings: Settings
    environment: dict[str, str]
    _api: AirflowApi | None = field(default=None, repr=False)
    _signed_in: "Viewer | None" = field(default=None, repr=False)

    def marquee(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `marquee …` as a person would."""
        argv = [sys.executable, "-m", "marquee.cli", *words]
        done = subprocess.run(argv, env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=400)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    @property
    def airflow(self) -> AirflowApi:
        if self._api is None:
            url = f"http://127.0.0.1:{self.settings.port_airflow}"
            self._api = AirflowApi(url, "admin", airflow.passwords(self.settings)["admin"])
        return self._api

    def get(self, path: str, **request: Any) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.settings.port_api}{path}", timeout=30, **request)

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """A request that has to succeed."""
        url = f"http://127.0.0.1:{self.settings.port_api}{path}"
        answer = httpx.request(method, url, timeout=30, **request)
        assert answer.status_code < 300, answer.text
        return answer

    @property
    def viewer(self) -> "Viewer":
        """A member with a plan, who watches as the profile "Ada"; the account is opened once."""
        if self._signed_in is None:
            self.marquee("member", "create", EMAIL, "--password", PASSWORD)
            self.marquee("member", "plan", EMAIL, "everything")
            self._signed_in = self.another_profile("Ada")
        return self._signed_in

    def another_profile(self, name: str, **fields: Any) -> "Viewer":
        """A further profile of the account, chosen on a device of its own."""
        viewer = self.sign_in()
        wish = {"name": name} | fields
        return viewer.choose(self.ask("POST", "/v1/profiles", json=wish, headers=viewer.headers).json()["profile_id"])

    def sign_in(self) -> "Viewer":
        """Another device of the account, on which nobody was chosen yet."""
        login = {"email": EMAIL, "password": PASSWORD, "keep": "body"}
        answer = self.ask("POST", "/v1/sign-in", json=login).json()
        return Viewer(self, "", answer["access_token"], answer["refresh_token"], time.monotonic())

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the catalogue's database."""
        url = self.settings.database().replace("+psycopg", "")
        with psycopg.connect(url) as connection:
            return connection.execute(query, values).fetchall()  # type: ignore[arg-type]

    def events(self) -> list[dict[str, Any]]:
        """Session, number and name of each event that the API has written down, as often as it was.

        From the log, and from the lake what was shipped meanwhile: that happens at every full hour.
        """
        columns = ("session_id", "seq", "name")
        logged = [row for row in unshipped(self.settings.event_log) if row["table"] == "events"]
        known = {(row["session_id"], row["seq"]) for row in logged}
        files = (self.settings.home / "lake" / "events").rglob("*.parquet")
        shipped = [row for path in files for row in pq.ParquetFile(path).read(columns=columns).to_pylist()]
        return logged + [row for row in shipped if (row["session_id"], row["seq"]) not in known]

    def deliver(self, slug: str, media: Path, *, done: bool = True, **sidecar: Any) -> None:
        """Put a delivery into the inbox: made under a hidden name, so that it appears whole."""
        making = self.settings.inbox / f".{slug}"
        making.mkdir(parents=True)
        (making / media.name).write_bytes(media.read_bytes())
        for name, content in sidecar.pop("files", {}).items():
            (making / name).write_text(content)
        body = {"title": slug.replace("-", " ").title(), "year": 2026, "media": media.name} | sidecar
        (making / "title.yaml").write_text(yaml.safe_dump(body))
        if done:
            (making / ".done").touch()
        making.rename(self.settings.inbox / slug)

    def trigger(self, slug: str, **conf: Any) -> str:
        return self.airflow.trigger(DAG, {"delivery": slug, "ladder": "preview"} | conf)

    def finish(self, run: str, *, dag: str = DAG, timeout_s: float = 240) -> str:
        """Wait until a run has ended; its state."""
        *_, (state, _) = self.airflow.follow(dag, run, timeout_s=timeout_s)
        return state

    def decide(self, run: str, option: str, reason: str) -> None:
        """Answer what QC asks, once: however soon the answer comes, it is taken."""
        self.airflow.answer(DAG, run, "approve", option, reason=reason)
        waiting = {"awaiting_input", *BUSY}
        until(lambda: self.task_state(run, "approve") not in waiting, 60, "the answer is taken", every_s=0.5)
        assert self.task_state(run, "approve") == "success"

    def logs_of_failures(self, run: str) -> str:
        """The last lines of every try of the tasks that failed."""
        told = []
        for task in self.airflow.tasks(DAG, run):
            place = f"/dags/{DAG}/dagRuns/{run}/taskInstances/{task['task_id']}/logs"
            for attempt in range(1, task["try_number"] + 1) if task["state"] == "failed" else ():
                log = self.airflow.call("GET", f"{place}/{attempt}", params={"map_index": task["map_index"]})
                lines = [str(line.get("event", line)) for line in log["content"]][-12:]
                told.append(f"{task['task_id']}[{task['map_index']}] try {attempt}:\n  " + "\n  ".join(lines))
        return "\n".join(told)

    def task_state(self, run: str, task: str) -> str | None:
        """The state of a task that is not mapped."""
        found = self.airflow.call("GET", f"/dags/{DAG}/dagRuns/{run}/taskInstances/{task}")["state"]
        return None if found is None else str(found)

    def publish(
        self, slug: str, media: Path, *, priority: str = "normal", ladder: str = "preview", **sidecar: Any
    ) -> str:
        """Deliver and carry to publication, waiving what QC warns of; returns the run's id.

        The folder holds no `.done` file and so is left to us by the inbox watch for a while.
        """
        self.deliver(slug, media, done=False, **sidecar)
        run = self.trigger(slug, priority=priority, ladder=ladder)
        judged = until(lambda: self._after_qc(run), 180, "QC has judged", every_s=1)
        if judged == "approve":
            self.decide(run, "Waive", "a test clip")
        assert self.finish(run) == "success", failures(self.airflow.tasks(DAG, run))
        return run

    def _after_qc(self, run: str) -> str | None:
        """The step that QC's verdict has led to, once there is one."""
        if self.task_state(run, "approve") == "awaiting_input":
            return "approve"
        return "plan" if self.task_state(run, "plan") in {"running", "success", "failed"} else None

    def title(self, slug: str) -> dict[str, Any]:
        """The title as viewers see it."""
        found = [t for t in self.get("/v1/titles?limit=100").json()["items"] if t["slug"] == slug]
        assert found, f"{slug} is not shown to viewers"
        return dict(found[0])

    def play(self, slug: str, key: str = "") -> dict[str, Any]:
        """A playback session."""
        wish = {"title_id": self.title(slug)["title_id"], "capabilities": {"codecs": [], "drm": []}}
        headers = self.viewer.headers | {"Idempotency-Key": key or os.urandom(8).hex()}
        return dict(self.ask("POST", "/v1/playback-sessions", json=wish, headers=headers).json())

    def beat(self, session: dict[str, Any], position_ms: int = 0) -> dict[str, Any]:
        """The session, as a player goes on with it: with the media token of a heartbeat."""
        path, headers = (
            f"/v1/playback-sessions/{session['session_id']}/heartbeat",
            {"Authorization": f"Bearer {session['token']}"},
        )
        answer = self.ask("POST", path, json={"position_ms": position_ms}, headers=headers)
        return session | {"media": answer.json()}


def at_edges(session: dict[str, Any]) -> list[str]:
    """Where a session's release begins at each edge, token included, by an address that every resolver knows."""
    token = session["media"]["token"]
    _, _, title_id, release_id, *_ = token.split(".")
    urls = (httpx.URL(edge["url"]).copy_with(host="127.0.0.1") for edge in session["edges"])
    return [f"{str(url).rstrip('/')}/m/{token}/{title_id}/{release_id}" for url in urls]


@dataclass
class Viewer:
    """A signed-in device and who watches on it. Its access token is made anew before it runs out."""

    platform: Platform
    profile_id: str
    _access: str
    _refresh: str
    _since: float

    @property
    def headers(self) -> dict[str, str]:
        if time.monotonic() - self._since > self.platform.settings.access_token_s / 2:
            wish = {"refresh_token": self._refresh}
            answer = self.platform.ask("POST", "/v1/sign-in/refresh", json=wish).json()
            self._access, self._refresh, self._since = answer["access_token"], answer["refresh_token"], time.monotonic()
        return {"Authorization": f"Bearer {self._access}"}

    def choose(self, profile_id: str) -> "Viewer":
        path = f"/v1/profiles/{profile_id}/choice"
        self._access = self.platform.ask("POST", path, json={}, headers=self.headers).json()["access_token"]
        self.profile_id = profile_id
        return self

    def path(self, rest: str = "") -> str:
        return f"/v1/profiles/{self.profile_id}{rest}"


def failures(tasks: list[dict[str, Any]]) -> list[str]:
    return [f"{t['task_id']}[{t['map_index']}] {t['state']}" for t in tasks if t["state"] not in {"success", "skipped"}]


def until(condition: Callable[[], Any], seconds: float, what: str | Callable[[], str], *, every_s: float = 0.1) -> Any:
    """Wait for an event; its value. `what` is its name, or tells of its absence.

    Asking Airflow costs it a twentieth of a second.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(every_s)
    pytest.fail(f"{what() if callable(what) else what}: not within {seconds} s")


@pytest.fixture(scope="package")
def platform() -> Iterator[Platform]:
    """Up at the first test that asks, down after the last of this folder: idle, it takes a fifth of a core.

    Nothing is left running.
    """
    with TemporaryDirectory(prefix="marquee-e2e-") as home:
        plans = Path(home) / "plans.yaml"
        plans.write_text(yaml.safe_dump(PLANS))
        values = free_for_settings() | {"home": home, "delivery_settle_s": 600, "plans_file": plans}
        s = Settings(_env_file=None, **values)  # type: ignore[arg-type]
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("MARQUEE_", "AIRFLOW"))}
        environment |= as_environment(values)
        platform = Platform(s, environment)
        try:
            platform.marquee("up")
            yield platform
        finally:
            platform.marquee("down", check=False)
            left = _processes_of(home)
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            assert not left, f"left running after `marquee down`: {left}"


@pytest.fixture(scope="module")
def secure(platform: Platform, film: str) -> Iterator[Settings]:
    """The one setting that turns TLS on: a gateway, an API and warm edges, which show the platform's titles by it."""
    s, shared = platform.settings, ("master_key", "edge_key", "token_key")
    with TemporaryDirectory(prefix="marquee-tls-") as home:
        values = {**free_for_settings(), **{name: s.secret(name) for name in shared}, "home": home, "tls": True}
        values |= {"database_url": s.database().removesuffix("/marquee").replace("+psycopg", "")}
        values |= {
            "event_log_path": s.event_log,
            "plans_file": s.plans_file,
            "smtp_url": f"smtp://127.0.0.1:{s.port_smtp}",
        }
        values |= {"origin_urls": s.origins}
        secure = Settings(_env_file=None, **values)  # type: ignore[arg-type]
        with pytest.MonkeyPatch.context() as patch:
            for name, value in as_environment(values).items():
                patch.setenv(name, value)
            try:
                commands.up(
                    secure, say=str, migrate=lambda: None, only=("origin", "shield", *secure.edges, "api", "gateway")
                )
                for edge, url in secure.edge_addresses.items():
                    shown = Release.model_validate(release(platform, "film"))
                    report = warm(edge, url, shown, 10**9, key=s.secret("edge_key"), authority=secure.authority)
                    assert report.misses == 0
                yield secure
            finally:
                commands.down(secure, say=str)


@pytest.fixture(scope="module")  # while it runs, the process has an event loop
def browser() -> "Iterator[Browser]":
    """Chromium, in which films play by themselves."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=30_000)  # other tests keep the machine busy
    if not CHROMIUM.exists():
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


def signed_in(context: "BrowserContext", platform: Platform, site: str = "") -> "Page":
    """A page of a browser in which the viewer has signed in and was chosen."""
    viewer, site = platform.viewer, site or f"http://localhost:{platform.settings.port_api}"
    answer = context.request.post(f"{site}/v1/sign-in", data={"email": EMAIL, "password": PASSWORD})
    assert answer.ok
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert context.request.post(f"{site}{viewer.path('/choice')}", data={}, headers=headers).ok
    context.add_init_script("localStorage.setItem('marquee.signed-in', '1')")
    return context.new_page()


@pytest.fixture(scope="package")
def film(platform: Platform, make_clip: MakeClip) -> str:
    """The id of a title of FILM_S seconds, with subtitles."""
    clip = make_clip("film.mp4", seconds=FILM_S, size="640x360", rate="24")
    platform.publish("film", clip, subtitles=[{"file": "film.srt", "language": "en"}], files={"film.srt": FILM_SRT})
    return str(platform.title("film")["title_id"])


def _processes_of(home: str) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"MARQUEE_HOME={home}".encode() in (folder / "environ").read_bytes() and int(folder.name) != os.getpid():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def release(platform: Platform, slug: str) -> dict[str, Any]:
    """release.json of the release that viewers get."""
    query = "select r.document from titles t join releases r on r.id = t.current_release_id where t.slug = %s"
    document: dict[str, Any] = platform.rows(query, slug)[0][0]
    return json.loads(json.dumps(document))
