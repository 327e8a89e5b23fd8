"""What the deployment decides: read once from the environment, frozen, every fault told at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

ROOT = Path(__file__).resolve().parent.parent
STRIPE_API = "https://api.stripe.com"
#: Of the version that payments/gateway.py speaks.
STRIPE_JS = "https://js.stripe.com/endive/stripe.js"
SANDBOX_KEY = "sk_test_sandbox_"
WEAK_SECRETS = {"secret", "changeme", "change-me", "dev", "development", "password"}


class ShopEnv(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class SettingsError(Exception):
    """Every fault of the settings, one sentence each; never a value that may be secret."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("The shop cannot start:\n" + "\n".join(f"  - {fault}" for fault in faults))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Field names are the environment's names in lower case."""

    #: Signs sessions and links; 32 characters or more.
    secret_key: str = field(repr=False)
    #: Retired keys, comma-separated, still accepted while they are replaced.
    secret_key_fallbacks: str = field(default="", repr=False)
    shop_env: ShopEnv = ShopEnv.DEVELOPMENT
    #: The address the web server listens on; 0.0.0.0 to be reached from other machines.
    host: str = "127.0.0.1"
    port: int = 8000
    #: Web server processes.
    web_workers: int = 2
    #: The shop's own address; mails and Stripe's return links are built from it.
    shop_url: str = ""
    #: Proxies in front of the shop whose X-Forwarded-* headers are believed.
    trusted_proxies: int = 0
    #: Folder of the SQLite file, uploaded pictures and development mails.
    data_path: str = "instance"
    database_url: str = ""
    #: Memory for finished pages, in megabytes for each web server process; 0: every page is made
    #: anew for each visitor, from parts that are kept; -1: those are not kept either.
    page_cache_mb: int = 64
    #: Development only: an empty shop is filled with the demo; without it, its owner sets it up.
    demo: bool = True
    #: Empty, with the next one: they are typed in the admin.
    stripe_secret_key: str = field(default="", repr=False)
    #: For the payment form inside the checkout; empty: it is not offered.
    stripe_publishable_key: str = ""
    #: Signing secrets of the webhook endpoint, comma-separated while one replaces another.
    stripe_webhook_secret: str = field(default="", repr=False)
    #: Any Stripe-compatible server; the sandbox's address where the key is a sandbox key.
    stripe_api_base: str = ""
    #: Names this shop in Stripe's metadata, so that shops can share one Stripe account.
    stripe_store_id: str = "till"
    #: Empty: mails land in a folder and at /dev/mail (development only).
    mail_server: str = ""
    mail_port: int = 587
    mail_username: str = ""
    mail_password: str = field(default="", repr=False)
    mail_use_tls: bool = True
    mail_use_ssl: bool = False
    mail_sender: str = ""
    log_level: str = "INFO"

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Raises SettingsError with every fault found."""
        values: dict[str, Any] = {}
        faults: list[str] = []
        for name, kind in _FIELD_TYPES.items():
            text = environ.get(name.upper(), "").strip()
            if not text:
                continue
            try:
                values[name] = msgspec.convert(text, kind, strict=False)
            except msgspec.ValidationError:
                faults.append(f"{name.upper()} must be {_expected(kind)}.")
        if "secret_key" not in values:
            faults.append(
                "SECRET_KEY is missing. Make one: python -c 'import secrets; "
                "print(secrets.token_urlsafe(48))'."
            )
            values["secret_key"] = "-" * 64
        settings = cls(**values)
        faults += settings._faults()
        if faults:
            raise SettingsError(faults)
        return settings

    # What follows from the settings -------------------------------------------------

    @property
    def is_production(self) -> bool:
        return self.shop_env is ShopEnv.PRODUCTION

    @cached_property
    def url(self) -> str:
        return (self.shop_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    @property
    def local_url(self) -> str:
        """The web server as processes on this machine reach it."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104 - compared
        return f"http://{host}:{self.port}"

    @cached_property
    def is_https(self) -> bool:
        """Asked for each cookie."""
        return self.url.startswith("https://")

    @property
    def data_folder(self) -> Path:
        return ROOT / self.data_path

    @property
    def media_path(self) -> Path:
        return self.data_folder / "media"

    @property
    def mail_folder(self) -> Path:
        return self.data_folder / "mail"

    @property
    def database(self) -> str:
        url = self.database_url or f"sqlite:///{self.data_folder / 'till.sqlite'}"
        # psycopg 3 is the only PostgreSQL driver installed.
        for prefix in ("postgres://", "postgresql://"):
            if url.startswith(prefix):
                return "postgresql+psycopg://" + url.removeprefix(prefix)
        return url

    @property
    def uses_sandbox(self) -> bool:
        return self.stripe_secret_key.startswith(SANDBOX_KEY)

    @property
    def sandbox_port(self) -> int:
        return urlsplit(self.stripe_api).port or self.port + 1

    @property
    def stripe_api(self) -> str:
        if self.stripe_api_base:
            return self.stripe_api_base.rstrip("/")
        return f"http://127.0.0.1:{self.port + 1}" if self.uses_sandbox else STRIPE_API

    @property
    def stripe_js(self) -> str:
        """What draws the payment form inside a page."""
        return f"{self.stripe_api}/static/stripe.js" if self.uses_sandbox else STRIPE_JS

    @property
    def publishable_key(self) -> str:
        """Names the account to scripts. Empty: payment pages are not shown inside the shop's."""
        if self.uses_sandbox:
            return self.stripe_publishable_key or "pk_test_sandbox"
        return self.stripe_publishable_key if self.stripe_api == STRIPE_API else ""

    @property
    def is_stripe_live(self) -> bool:
        return self.stripe_secret_key.startswith(("sk_live_", "rk_live_"))

    @property
    def secret_keys(self) -> list[str]:
        """The signing key last, as itsdangerous wants them."""
        return [*_parts(self.secret_key_fallbacks), self.secret_key]

    @property
    def webhook_secrets(self) -> list[str]:
        return _parts(self.stripe_webhook_secret)

    def flask_config(self) -> dict[str, Any]:
        host = urlsplit(self.url).netloc
        local = [] if self.is_production else ["127.0.0.1", "localhost", "[::1]"]
        # Addresses and tokens are parameters; an error's text must not carry them into the log.
        engine: dict[str, Any] = {"hide_parameters": True}
        if self.database.startswith("postgresql"):
            timeouts = "-c lock_timeout=5s -c statement_timeout=30s"
            idle = "-c idle_in_transaction_session_timeout=30s"
            # Pages come from memory or a disk without arms: the next one is no nearer than another.
            # PostgreSQL's 4 has it read whole tables for a few hundred rows.
            costs = "-c random_page_cost=1.1"
            engine |= {
                # A look at the socket would miss a connection that ends just now (docs/adr/0002).
                "pool_pre_ping": True,
                "connect_args": {"connect_timeout": 5, "options": f"{timeouts} {idle} {costs}"},
            }
        return {
            "SECRET_KEY": self.secret_key,
            "SECRET_KEY_FALLBACKS": _parts(self.secret_key_fallbacks),
            "SQLALCHEMY_DATABASE_URI": self.database,
            "SQLALCHEMY_ENGINE_OPTIONS": engine,
            "SESSION_COOKIE_NAME": "__Host-till" if self.is_https else "till",
            "SESSION_COOKIE_SECURE": self.is_https,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "PERMANENT_SESSION_LIFETIME": 60 * 60 * 24 * 60,
            # A page that is read sets no cookie, so that it can be everybody's.
            "SESSION_REFRESH_EACH_REQUEST": False,
            # Uploaded pictures are the largest honest body.
            "MAX_CONTENT_LENGTH": 24 * 1024 * 1024,
            "MAX_FORM_MEMORY_SIZE": 512 * 1024,
            "MAX_FORM_PARTS": 2000,
            "TRUSTED_HOSTS": [host, urlsplit(self.url).hostname or host, *local],
            "COMPRESS_ALGORITHM": ["br", "gzip"],
            "COMPRESS_BR_LEVEL": 4,
            "MAIL_SERVER": self.mail_server or "127.0.0.1",
            "MAIL_PORT": self.mail_port,
            "MAIL_USERNAME": self.mail_username or None,
            "MAIL_PASSWORD": self.mail_password or None,
            "MAIL_USE_TLS": self.mail_use_tls,
            "MAIL_USE_SSL": self.mail_use_ssl,
            "WTF_CSRF_ENABLED": False,  # web/csrf.py checks every unsafe request's origin instead
        }

    # What makes them unsafe ---------------------------------------------------------

    def _faults(self) -> list[str]:
        return [fault for check in _CHECKS for fault in check(self)]


def _secret_faults(settings: Settings) -> list[str]:
    faults = []
    for key in settings.secret_keys:
        if len(key) < 32 or key.lower() in WEAK_SECRETS or len(set(key)) < 8:
            if key != "-" * 64:  # the stand-in of a missing key, already told
                faults.append("SECRET_KEY must be 32 random characters or more.")
            break
    return faults


def _address_faults(settings: Settings) -> list[str]:
    faults = []
    parts = urlsplit(settings.url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path:
        faults.append("SHOP_URL must look like https://shop.example, without a path.")
    if settings.is_production and not settings.shop_url.startswith("https://"):
        faults.append("SHOP_URL must be an https:// address in production.")
    if not 1 <= settings.port <= 65534:
        faults.append("PORT must be between 1 and 65534.")
    if not 1 <= settings.web_workers <= 64:
        faults.append("WEB_WORKERS must be between 1 and 64.")
    if not -1 <= settings.page_cache_mb <= 16_384:
        faults.append("PAGE_CACHE_MB must be between -1 and 16384.")
    if settings.trusted_proxies < 0:
        faults.append("TRUSTED_PROXIES must be 0 or more.")
    if settings.database.endswith(":memory:"):
        faults.append("DATABASE_URL must name a file: each process would have a memory of its own.")
    if not settings.database.startswith(("sqlite:///", "postgresql+psycopg://")):
        faults.append("DATABASE_URL must begin with sqlite:/// or postgresql://.")
    if settings.log_level.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        faults.append("LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR.")
    return faults


def _stripe_faults(settings: Settings) -> list[str]:
    key, faults = settings.stripe_secret_key, []
    if not key and settings.webhook_secrets:
        faults.append("STRIPE_SECRET_KEY is missing; without both, they are typed in the admin.")
    elif key and not key.startswith(("sk_test_", "sk_live_", "rk_test_", "rk_live_")):
        faults.append("STRIPE_SECRET_KEY must be a secret key (sk_...), not a publishable one.")
    if key and not settings.webhook_secrets:
        faults.append("STRIPE_WEBHOOK_SECRET is missing; without it anyone could report a payment.")
    elif any(len(secret) < 16 for secret in settings.webhook_secrets):
        faults.append("STRIPE_WEBHOOK_SECRET must be a signing secret of 16 characters or more.")
    if settings.stripe_publishable_key and not settings.stripe_publishable_key.startswith(
        "pk_live_" if settings.is_stripe_live else "pk_test_"
    ):
        faults.append(
            "STRIPE_PUBLISHABLE_KEY must be the publishable key (pk_...) of the same mode, test or"
            " live, as STRIPE_SECRET_KEY."
        )
    if settings.is_stripe_live and settings.stripe_api != STRIPE_API:
        faults.append("STRIPE_API_BASE must be empty with a live key: real money goes to Stripe.")
    if settings.is_stripe_live and not settings.is_production:
        faults.append("STRIPE_SECRET_KEY is a live key; live keys need SHOP_ENV=production.")
    if settings.is_production and settings.uses_sandbox:
        faults.append("STRIPE_SECRET_KEY is the sandbox's; the sandbox never runs in production.")
    elif settings.is_production and settings.stripe_api != STRIPE_API:
        faults.append("STRIPE_API_BASE must be empty in production.")
    if urlsplit(settings.stripe_api).scheme not in ("http", "https"):
        faults.append("STRIPE_API_BASE must be an http:// or https:// address.")
    return faults


def _mail_faults(settings: Settings) -> list[str]:
    faults = []
    if settings.is_production and not settings.mail_server:
        faults.append("MAIL_SERVER is missing; in production mails need a server.")
    if settings.mail_use_tls and settings.mail_use_ssl:
        faults.append("MAIL_USE_TLS and MAIL_USE_SSL exclude each other.")
    if not 1 <= settings.mail_port <= 65535:
        faults.append("MAIL_PORT must be between 1 and 65535.")
    return faults


_CHECKS = (_secret_faults, _address_faults, _stripe_faults, _mail_faults)


def _parts(text: str) -> list[str]:
    return [part for part in (piece.strip() for piece in text.split(",")) if part]


def _expected(kind: type) -> str:
    if kind is int:
        return "a whole number"
    if kind is bool:
        return "true or false"
    if issubclass(kind, StrEnum):
        return " or ".join(kind)
    return "text"


_FIELD_TYPES: dict[str, type] = {
    item.name: {"int": int, "bool": bool, "ShopEnv": ShopEnv}.get(str(item.type), str)
    for item in fields(Settings)
}
