"""Monitoring: where traces go, where the platform's figures are asked for, and what machines cost."""

from pydantic import AnyHttpUrl, Field

from marquee.settings.installation import Installation


class Monitoring(Installation):
    """Traces, figures and prices. Prices are in a currency of the operator's; the defaults are in US dollars."""

    otlp_url: AnyHttpUrl | None = None  # a collector that takes OTLP over HTTP; no traces without one
    trace_share: float = Field(default=1, ge=0, le=1)  # of the traces that begin here
    metrics: bool = False  # run `marquee metrics` beside the embedded servers
    port_metrics: int = 9464  # where it listens
    port_gateway_spans: int = 9465  # UDP: where the gateway tells that service of its requests
    price_core_hour: float = Field(default=0.04, ge=0)
    price_gb_delivered: float = Field(default=0.02, ge=0)  # 10⁹ bytes that edges send to viewers

    @property
    def otlp_traces(self) -> str:
        """Where spans are posted (OTLP 1.x, §OTLP/HTTP Request); empty without a collector."""
        return f"{str(self.otlp_url).rstrip('/')}/v1/traces" if self.otlp_url else ""
