from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from shop.settings import ROOT, Settings, SettingsError

GOOD = {
    "SECRET_KEY": "k3y-0123456789-abcdefghijklmnopqrstuvw",
    "STRIPE_SECRET_KEY": "sk_test_51abc",
    "STRIPE_WEBHOOK_SECRET": "whsec_0123456789abcdef",
}
LIVE = GOOD | {
    "SHOP_ENV": "production",
    "SHOP_URL": "https://shop.example",
    "STRIPE_SECRET_KEY": "sk_live_51abc",
    "MAIL_SERVER": "smtp.example",
}


def faults_of(environ: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as error:
        Settings.from_env(environ)
    return str(error.value)


def test_a_development_shop_needs_three_secrets() -> None:
    settings = Settings.from_env(GOOD)

    assert settings.url == "http://127.0.0.1:8000"
    assert settings.database.startswith("sqlite:///")
    assert not settings.is_production


def test_a_production_shop_starts_with_live_keys() -> None:
    settings = Settings.from_env(LIVE)

    assert settings.is_stripe_live
    assert settings.stripe_api == "https://api.stripe.com"
    assert settings.flask_config()["SESSION_COOKIE_NAME"] == "__Host-till"


def test_a_shop_starts_without_stripes_keys_which_are_typed_in_the_admin() -> None:
    settings = Settings.from_env(LIVE | {"STRIPE_SECRET_KEY": "", "STRIPE_WEBHOOK_SECRET": ""})

    assert not settings.is_stripe_live
    assert not settings.uses_sandbox


def test_every_fault_is_told_at_once() -> None:
    told = faults_of({"PORT": "eighty", "SHOP_ENV": "staging", "MAIL_PORT": "0"})

    for name in ("PORT", "SHOP_ENV", "MAIL_PORT", "SECRET_KEY"):
        assert name in told


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is missing"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": "a" * 64}, "SECRET_KEY"),
        ({"SECRET_KEY_FALLBACKS": "short"}, "SECRET_KEY"),
        ({"STRIPE_SECRET_KEY": "pk_live_51abc"}, "publishable"),
        ({"STRIPE_PUBLISHABLE_KEY": "pk_test_51abc"}, "STRIPE_PUBLISHABLE_KEY"),
        ({"STRIPE_PUBLISHABLE_KEY": "sk_live_51abc"}, "STRIPE_PUBLISHABLE_KEY"),
        ({"STRIPE_WEBHOOK_SECRET": ""}, "STRIPE_WEBHOOK_SECRET is missing"),
        ({"STRIPE_SECRET_KEY": ""}, "STRIPE_SECRET_KEY is missing"),
        ({"STRIPE_WEBHOOK_SECRET": "whsec_0123456789abcdef,x"}, "STRIPE_WEBHOOK_SECRET"),
        ({"STRIPE_API_BASE": "http://127.0.0.1:4242"}, "STRIPE_API_BASE"),
        ({"SHOP_ENV": "development"}, "live key"),
        ({"STRIPE_SECRET_KEY": "sk_test_sandbox_1"}, "sandbox"),
        ({"SHOP_URL": "http://shop.example"}, "https://"),
        ({"SHOP_URL": "https://shop.example/till"}, "without a path"),
        ({"MAIL_SERVER": ""}, "MAIL_SERVER"),
        ({"MAIL_USE_SSL": "true"}, "exclude each other"),
        ({"DATABASE_URL": "mysql://db"}, "DATABASE_URL"),
        ({"TRUSTED_PROXIES": "-1"}, "TRUSTED_PROXIES"),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL"),
    ],
)
def test_an_unsafe_shop_does_not_start(change: dict[str, str], named: str) -> None:
    assert named in faults_of(LIVE | change)


def test_no_fault_prints_a_secret() -> None:
    told = faults_of(LIVE | {"SECRET_KEY": "hunter2", "STRIPE_WEBHOOK_SECRET": "whsec_tiny"})

    assert "hunter2" not in told
    assert "whsec_tiny" not in told
    assert "sk_live" not in repr(Settings.from_env(LIVE))


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_a_postgresql_address_uses_the_installed_driver(scheme: str) -> None:
    settings = Settings.from_env(GOOD | {"DATABASE_URL": f"{scheme}://till@db/till"})

    assert settings.database == "postgresql+psycopg://till@db/till"


def test_webhook_secrets_rotate() -> None:
    both = "whsec_0123456789abcdef, whsec_fedcba9876543210"

    settings = Settings.from_env(GOOD | {"STRIPE_WEBHOOK_SECRET": both})

    assert settings.webhook_secrets == ["whsec_0123456789abcdef", "whsec_fedcba9876543210"]


def test_the_example_file_lists_every_setting_with_its_default() -> None:
    listed = {}
    for line in (ROOT / ".env.example").read_text().splitlines():
        name, is_setting, value = line.removeprefix("#").partition("=")
        if is_setting and name.isupper():
            listed[name] = value

    expected = {item.name.upper(): _written(item.default) for item in fields(Settings)}
    assert listed == expected


def _written(default: object) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    return str(default) if isinstance(default, str | int) else ""


def test_a_relative_data_path_lies_in_the_shops_folder() -> None:
    settings = Settings.from_env(GOOD | {"DATA_PATH": "elsewhere"})

    assert settings.media_path == Path(ROOT) / "elsewhere" / "media"
