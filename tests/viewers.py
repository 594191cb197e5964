"""A member for tests in a browser: signed in there, watching as a profile, on a trial."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marquee.contracts.members import Role
from marquee.members import staff

if TYPE_CHECKING:
    from playwright.sync_api import Page

PASSWORD = "lantern over quiet water"


@dataclass(frozen=True)
class Member:
    """`ask` sends a request as the profile that watches in the page's browser."""

    page: "Page"
    profile_id: str
    token: str

    def ask(self, method: str, path: str, data: Any = None, **headers: str) -> Any:
        answer = self.page.request.fetch(
            path, method=method, data=data, headers={"Authorization": f"Bearer {self.token}", **headers}
        )
        assert answer.ok, answer.text()
        return answer.json() if answer.status != 204 else None

    def watch(self, title_id: str, position_ms: int) -> None:
        """Play a title up to a place, and close it."""
        session = self.ask(
            "POST", "/v1/playback-sessions", {"title_id": title_id}, **{"Idempotency-Key": f"{title_id} {position_ms}"}
        )
        path, held = f"/v1/playback-sessions/{session['session_id']}", {"Authorization": f"Bearer {session['token']}"}
        self.ask("POST", f"{path}/heartbeat", {"position_ms": position_ms}, **held)
        self.ask("DELETE", path, **held)


def signed_in(page: "Page", *, email: str = "ada@example.org", **profile: Any) -> Member:
    """A new account whose address is confirmed, signed in in the browser of `page`."""
    staff.create(email, PASSWORD, Role.MEMBER, by="test")
    answer = page.request.post("/v1/sign-in", data={"email": email, "password": PASSWORD})
    token = answer.json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    made = page.request.post("/v1/profiles", data={"name": "Ada", **profile}, headers=headers).json()
    page.request.post("/v1/account/subscription/trial", data={"plan": "premium"}, headers=headers)
    page.context.add_init_script("localStorage.setItem('marquee.signed-in', '1')")
    return Member(page, made["profile_id"], token)


def watching(page: "Page", **more: Any) -> Member:
    """The same, with the profile chosen."""
    member = signed_in(page, **more)
    chosen = member.ask("POST", f"/v1/profiles/{member.profile_id}/choice", {})
    return Member(page, member.profile_id, chosen["access_token"])
