"""What a country makes likely: its money, its language, the clock on its walls."""

from __future__ import annotations

from collections.abc import Sequence

from babel.core import get_global
from babel.languages import get_official_languages
from babel.numbers import get_territory_currencies

#: Of countries with several, the zone that most people live in.
_USUAL_ZONES = {
    "AR": "America/Argentina/Buenos_Aires", "AU": "Australia/Sydney", "BR": "America/Sao_Paulo",
    "CA": "America/Toronto", "CL": "America/Santiago", "CN": "Asia/Shanghai",
    "DE": "Europe/Berlin", "EC": "America/Guayaquil", "ES": "Europe/Madrid",
    "FR": "Europe/Paris", "GB": "Europe/London", "ID": "Asia/Jakarta", "IN": "Asia/Kolkata",
    "KZ": "Asia/Almaty", "MX": "America/Mexico_City", "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland", "PT": "Europe/Lisbon", "RU": "Europe/Moscow", "UA": "Europe/Kyiv",
    "US": "America/New_York", "UZ": "Asia/Tashkent",
}  # fmt: skip


def currency_of(country: str) -> str:
    """Empty where none is known."""
    return next(iter(get_territory_currencies(country)), "")


def language_of(country: str, offered: Sequence[str]) -> str:
    """One of those offered."""
    spoken = get_official_languages(country, de_facto=True)
    return next((code for code in spoken if code in offered), offered[0])


def time_zone_of(country: str) -> str:
    """UTC where none is known."""
    if country in _USUAL_ZONES:
        return _USUAL_ZONES[country]
    zones = [zone for zone, place in get_global("zone_territories").items() if place == country]
    return min(zones, default="UTC")
