"""What the frame around every page prints, read only when a template asks for it.

An error page asks for nothing, so it needs no database.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from babel import Locale
from babel.numbers import get_currency_name
from flask import Flask, current_app, request

from shop.cart import session as cart_session
from shop.catalog.queries import CollectionLink, menu_collections
from shop.content.queries import PageLink, page_links
from shop.settings import Settings
from shop.store import legal, menus
from shop.store.legal import LegalText
from shop.store.menus import MenuEntry
from shop.store.queries import Store
from shop.theme import queries as theme
from shop.theme.look import fonts_to_fetch, palette
from shop.theme.queries import LiveTheme
from shop.theme.sections import Section
from shop.theme.themes import CORE, Theme
from shop.web import currency_choice, standalone
from shop.web.filters import tell_sole_currency
from shop.web.locale import locale_now
from shop.web.proxies import g_now
from shop.web.visit import is_shared_page, kept

#: Widths of the wide font's letters in its own size, for the footer's wordmark.
_WIDTHS = {
    **dict.fromkeys("ijl.,'!", 0.28),
    **dict.fromkeys("frt-", 0.42),
    "s": 0.6,
    "w": 0.89,
    "m": 1.07,
}
_USUAL_WIDTH = 0.68
#: A short name stays as small as one of this width.
_NARROWEST_WORDMARK = 2.8
_DESCENDING = set("gjpqy")


class Site:
    """The shop as the frame of a page shows it; each part costs one query, at most once."""

    def __init__(self, settings: Settings) -> None:
        self.url = settings.url

    @cached_property
    def frame(self) -> tuple[Store, LiveTheme]:
        found = kept("frame", theme.frame)
        standalone.remember_contact(found[0].contact_email)
        tell_sole_currency(found[0].sole_currency)
        return found

    @cached_property
    def store(self) -> Store:
        """As this visitor sees it: with the currency they chose."""
        return currency_choice.as_visited(self.frame[0])

    @property
    def theme(self) -> LiveTheme:
        return self.frame[1]

    @property
    def installed_theme(self) -> Theme:
        """The theme's folder; the core's look where it was taken away."""
        found: dict[str, Theme] = current_app.extensions["themes"]
        return found.get(self.theme.handle) or found[CORE]

    @cached_property
    def sections(self) -> list[Section]:
        """Of the home page."""
        return kept("sections", theme.sections)

    @property
    def stylesheets(self) -> list[str]:
        """Those of the theme and of what the merchant changed of it; names and addresses."""
        installed, made = self.installed_theme, current_app.extensions["theme_digests"]
        asset: Any = current_app.jinja_env.globals["asset"]
        sheet = installed.stylesheet
        own = [asset(f"themes/{installed.handle}/{sheet}")] if sheet else []
        of_theme, of_merchant = (
            [f"/theme/{digest}.css"] if digest else []
            for digest in (made[installed.handle], self.theme.digest)
        )
        return [*of_theme, *own, *of_merchant]

    @property
    def fonts(self) -> tuple[str, ...]:
        return fonts_to_fetch(self.installed_theme, self.theme.look)

    @property
    def browser_colors(self) -> tuple[str, str]:
        """Of the window around the page, by day and by night."""
        night = palette(self.installed_theme, self.theme.look, is_night=True)
        day = palette(self.installed_theme, self.theme.look)
        return day["background"], night["background"]

    @property
    def languages(self) -> list[tuple[str, str]]:
        """Code and own name of each; none where there is nothing to choose."""
        codes = self.store.languages
        return [(code, own_name(code)) for code in codes] if len(codes) > 1 else []

    @property
    def currencies(self) -> list[tuple[str, str]]:
        """Code and own name of each; none where there is nothing to choose."""
        codes = self.store.offered
        locale = locale_now()
        names = [(code, get_currency_name(code, locale=locale)) for code in codes]
        return names if len(names) > 1 else []

    @cached_property
    def menu(self) -> list[CollectionLink]:
        return kept("menu", menu_collections)

    @cached_property
    def pages(self) -> list[PageLink]:
        return kept("pages", page_links)

    @cached_property
    def legal(self) -> dict[LegalText, PageLink]:
        """Those of the legal texts that are written and published."""
        published = {page.handle: page for page in self.pages}
        wanted = legal.handles(self.frame[0].legal_pages)
        return {text: published[handle] for text, handle in wanted.items() if handle in published}

    @property
    def at_checkout(self) -> list[PageLink]:
        """What a shopper agrees to, or should know before."""
        return [self.legal[text] for text in legal.AT_CHECKOUT if text in self.legal]

    @cached_property
    def header_links(self) -> list[MenuEntry]:
        """As the merchant arranged them; none: the collections of the menu stand there."""
        return menus.entries(menus.read(self.frame[0].menus, menus.HEADER))

    @cached_property
    def footer_links(self) -> list[MenuEntry]:
        """As the merchant arranged them; none: the published pages stand there."""
        return menus.entries(menus.read(self.frame[0].menus, menus.FOOTER))

    @cached_property
    def current_link(self) -> str:
        """The page's own among the links of its header; empty where none leads to it."""
        own = {link.target for link in menus.read(self.frame[0].menus, menus.HEADER)}
        links = own or {"/products", *(shelf.url for shelf in self.menu)}
        return request.path if request.path in links else ""

    @cached_property
    def cart_count(self) -> int:
        """None on a page for everybody: the layer in front fills in the visitor's own."""
        return 0 if is_shared_page() else cart_session.load().count

    @property
    def language(self) -> str:
        return str(locale_now()).replace("_", "-")

    @property
    def direction(self) -> str:
        return locale_now().text_direction

    @property
    def wordmark_size(self) -> tuple[float, float]:
        """About how wide and how high the name is in lower case, in units of the font size."""
        letters = self.store.name.lower()
        width = sum(_WIDTHS.get(letter, _USUAL_WIDTH) for letter in letters)
        return max(width, _NARROWEST_WORDMARK), 0.98 if _DESCENDING & set(letters) else 0.78


def init_app(app: Flask) -> None:
    app.context_processor(lambda: {"site": current_site()})


def currency_code() -> str:
    """As a key: what prices of the page being made are in; empty: the shop's own."""
    return current_site().store.chosen


def own_name(language: str) -> str:
    """ "de" -> "Deutsch"."""
    return (Locale.parse(language).get_language_name(language) or language).capitalize()


def current_site() -> Site:
    """The same for everything that one request prints."""
    known = g_now()
    site: Site | None = vars(known).get("site")
    if site is None:
        site = known.site = Site(current_app.extensions["settings"])
    return site
