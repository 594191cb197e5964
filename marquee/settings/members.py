"""Members: how long a sign-in lasts, the way e-mail takes, and the plans there are."""

from pathlib import Path

from pydantic import Field, SecretStr

from marquee.settings.installation import Installation, Profile


class Members(Installation):
    """Lifetimes of tokens; the mail server; the sign-in provider; the payment provider; the plans."""

    access_token_s: int = Field(default=600, gt=0, le=900)  # 5 to 15 min: what a stolen one is worth
    refresh_token_s: int = Field(default=30 * 86_400, gt=0)  # a device that is not used for so long signs in again
    sign_in_s: int = Field(default=365 * 86_400, gt=0)  # the longest a device stays signed in, however much it is used
    smtp_url: SecretStr = SecretStr("")  # smtp://user:password@host:587?starttls; the embedded catcher by default
    mail_from: str = "Marquee <no-reply@localhost>"
    oidc_issuer: str = ""  # of the operator's OpenID Connect provider; none by default
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_name: str = "Single sign-on"  # what members call it
    deletion_grace_days: int = Field(default=14, ge=0)  # so long a member may take a deletion back
    stripe_api_key: SecretStr = SecretStr("")  # of the operator's Stripe account; the demo's sandbox by default
    stripe_webhook_secret: SecretStr = SecretStr("")  # by which Stripe signs what it reports
    stripe_tax: bool = False  # whether Stripe works out taxes
    plans_file: Path | None = None  # the plans that are offered, instead of those of marquee/members/plans.yaml

    @property
    def mail_is_caught(self) -> bool:
        """Whether e-mail stays on this machine, where anybody may read it: in the demo without a mail server."""
        return self.profile is Profile.DEMO and not self.smtp_url.get_secret_value()

    @property
    def billing_is_sandbox(self) -> bool:
        """Whether payments are played through on this machine: in the demo without an account at Stripe."""
        return self.profile is Profile.DEMO and not self.stripe_api_key.get_secret_value()

    @property
    def takes_payments(self) -> bool:
        """Whether plans can be paid."""
        return self.billing_is_sandbox or bool(self.stripe_api_key.get_secret_value())
