"""What the sandbox is told at its start, checked once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

API_VERSION = "2026-10-28.endive"

#: Seconds between the attempts of one webhook delivery; after the last it counts as failed.
RETRY_DELAYS = (5.0, 30.0, 120.0, 600.0, 3600.0, 10_800.0, 21_600.0, 43_200.0, 86_400.0)


class Refused(Exception):
    """The sandbox will not start like this."""


@dataclass(frozen=True)
class Endpoint:
    url: str
    secret: str


@dataclass(frozen=True)
class SandboxConfig:
    """`endpoints` are kept as webhook endpoints that hear every event.

    `base_url`: how browsers reach the pages; empty means the server's own address.

    `settle_seconds`: how long the 7726 and 5126 cards' refunds stay as they start.
    `bank_seconds`: when set, bank debits succeed or fail by themselves after so long.
    """

    state: Path
    key: str
    base_url: str = ""
    endpoints: tuple[Endpoint, ...] = ()
    business_name: str = "Your store"
    country: str = "US"
    settle_seconds: float = 5.0
    bank_seconds: float | None = None
    retry_delays: tuple[float, ...] = RETRY_DELAYS
    webhook_timeout: float = 10.0
    environment: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if self.environment == "production":
            raise Refused("The payment sandbox does not run with SHOP_ENV=production.")
        if not self.key.startswith("sk_test_") or len(self.key) <= len("sk_test_"):
            raise Refused("The sandbox's key must be a test key: sk_test_…")
        for endpoint in self.endpoints:
            if not endpoint.url.startswith(("http://", "https://")):
                raise Refused(f"Not a webhook address: {endpoint.url}")
            if not endpoint.secret:
                raise Refused("A webhook address needs its signing secret (whsec_…).")
