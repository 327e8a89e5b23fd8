"""A page's templates come from its theme where that has them, and from the core otherwise.

Each theme has an environment of its own: compiled templates keep the macros they import, so that
two themes must not share them. `core:catalog/product.html` names the core's template in any theme.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from pathlib import Path
from types import FunctionType
from typing import Any

from flask import Flask
from flask.templating import Environment
from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PrefixLoader, Template
from jinja2.environment import TemplateModule
from jinja2.runtime import Context, Macro
from sqlalchemy.exc import SQLAlchemyError

from shop.settings import ROOT, Settings
from shop.theme.look import digest_of, theme_stylesheet
from shop.theme.themes import CORE, Theme, find_themes

#: Staff's pages, and those that must appear while the database is away, are the core's in any
#: theme. Mails know no request: their sender names the theme.
_OF_NO_THEME = ("admin/", "emails/", "errors/")


class PlainTemplate(Template):
    """One whose macros are made once. Jinja asks at each `{% from %}` whether the importing page
    was given globals of its own, which none of ours is: a twentieth of a page.
    """

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        if self._module is None:
            self._module = self.make_module()
        return self._module


class PlainContext(Context):
    """One that calls macros and plain functions, hundreds for a list, as what they are:
    Jinja looks at five attributes of whatever is called to learn what it wants to be given.
    """

    def call(self, obj: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        if type(obj) is Macro:
            args = (self.eval_ctx, *args)
        elif type(obj) is not FunctionType or hasattr(obj, "jinja_pass_arg"):
            return super().call(obj, *args, **kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        return obj(*args, **kwargs)


class ThemedEnvironment(Environment):
    """Flask's, which hands a page's templates on to the environment of the page's theme.

    Two habits of Jinja's cost a page about a twelfth of its time, and are put aside: templates
    leave its cache again (ours are a few hundred, and stay), and each has globals that overlay the
    environment's, gathered for each page (ours never have).
    """

    template_class = PlainTemplate
    context_class = PlainContext

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(app, cache_size=-1, **options)
        self._themes = themes(app)
        #: Made when first needed: the application is wired by then.
        self._of_themes: dict[str, Environment] = {}

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,
    ) -> Template:
        if self.overlayed or not isinstance(name, str) or name.startswith(_OF_NO_THEME):
            return super().get_template(name, parent, globals)
        return self.of_theme(_theme_of_page()).get_template(name, parent, globals)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals

    def of_theme(self, handle: str) -> Environment:
        """The core's look for a theme that is not installed."""
        theme = self._themes.get(handle) or self._themes[CORE]
        if theme.handle not in self._of_themes:
            self._of_themes[theme.handle] = self.overlay(loader=self._loader_of(theme))
        return self._of_themes[theme.handle]

    def _loader_of(self, theme: Theme) -> BaseLoader:
        assert self.loader is not None  # noqa: S101 - Flask's own
        own = [FileSystemLoader(theme.templates)] if theme.templates.is_dir() else []
        return ChoiceLoader([*own, PrefixLoader({"core": self.loader}, delimiter=":"), self.loader])


def init_app(app: Flask, settings: Settings) -> None:
    """Before anything asks for the app's environment of templates."""
    found = find_themes((ROOT / "themes", settings.data_folder / "themes"))
    sheets = {handle: theme_stylesheet(theme, found[CORE]) for handle, theme in found.items()}
    app.extensions["themes"] = found
    #: By the name they are served under; made from each theme.toml.
    app.extensions["theme_sheets"] = {digest_of(css): css for css in sheets.values() if css}
    app.extensions["theme_digests"] = {handle: digest_of(css) for handle, css in sheets.items()}
    app.jinja_environment = ThemedEnvironment  # type: ignore[assignment]  # Flask reads it so


def themes(app: Flask) -> dict[str, Theme]:
    """Those that are installed, by handle."""
    found: dict[str, Theme] = app.extensions["themes"]
    return found


def static_folders(app: Flask) -> dict[str, Path]:
    """Folder of each theme's static files, by the beginning of their names."""
    return {
        f"themes/{handle}/": theme.static
        for handle, theme in themes(app).items()
        if theme.static.is_dir()
    }


def _theme_of_page() -> str:
    """The core's while the database is away: a page that says so must still find its template."""
    from shop.web.context import current_site

    try:
        return current_site().theme.handle
    except SQLAlchemyError:
        return CORE
