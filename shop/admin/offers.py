"""A page without the links and buttons that its reader's role would only refuse.

Done to the finished page, so that no template has to remember it. Whoever may do everything gets
the page as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from html import unescape

#: Whether this reader may send a request with this method to this address.
May = Callable[[str, str], bool]

_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
_LINK = re.compile(r"(<li\b[^>]*>\s*)?<a\b([^>]*)>(.*?)</a>(\s*</li>)?", re.DOTALL)
_BUTTON = re.compile(r"<button\b([^>]*)>.*?</button>", re.DOTALL)
_CONTROL = re.compile(r"<(?:input|select|textarea)\b([^>]*)>")
#: What opens, with nothing in it that opens too.
_FOLDED = re.compile(r"<details\b[^>]*>(?:(?!<details\b).)*?</details>", re.DOTALL)
_EMPTY_FOOTER = re.compile(r"<footer>\s*</footer>")
#: Keeps what stands in a form to be read, and lets nothing of it be sent.
_LOCK = '<fieldset class="locked" disabled>'


def cut(html: str, path: str, may: May) -> str:
    """`path`: the page's own, where forms without an action go."""
    ask = lru_cache(None)(may)
    locked: set[str] = set()

    def form(found: re.Match[str]) -> str:
        attributes, inside = found.groups()
        if _may_send(attributes, path, ask):
            return _BUTTON.sub(lambda button: _button(button, ask), found[0])
        locked.add(_attribute(attributes, "id"))
        return f"<form{attributes}>{_LOCK}{_BUTTON.sub(_closing_only, inside)}</fieldset></form>"

    html = _FOLDED.sub(lambda folded: _folded(folded, path, ask), html)
    html = _LINK.sub(lambda link: _link(link, ask), html)
    html = _FORM.sub(form, html)
    if locked - {""}:
        html = _BUTTON.sub(lambda button: _unless_of(button, locked), html)
        html = _CONTROL.sub(lambda control: _disabled_if_of(control, locked), html)
    return _EMPTY_FOOTER.sub("", html)


def _may_send(form: str, path: str, ask: May) -> bool:
    """`form`: its attributes."""
    is_post = _attribute(form, "method").lower() == "post"
    return not is_post or ask(_attribute(form, "action") or path, "POST")


def _folded(found: re.Match[str], path: str, ask: May) -> str:
    """Nothing where all that it opens is forms that would be refused."""
    forms = [form[1] for form in _FORM.finditer(found[0])]
    return found[0] if not forms or any(_may_send(form, path, ask) for form in forms) else ""


def _link(found: re.Match[str], ask: May) -> str:
    before, attributes, inside, after = found.groups(default="")
    if ask(_attribute(attributes, "href"), "GET"):
        return found[0]
    if before and after:  # the link was all that this entry of a list had
        return ""
    is_a_way_on = "button" in _attribute(attributes, "class")
    return before + ("" if is_a_way_on else f"<span>{inside}</span>") + after


def _button(found: re.Match[str], ask: May) -> str:
    """One that sends its form somewhere else."""
    target = _attribute(found[1], "formaction")
    return found[0] if not target or ask(target, "POST") else ""


def _closing_only(found: re.Match[str]) -> str:
    """What sends nothing may stay."""
    return found[0] if _attribute(found[1], "type") == "button" else ""


def _unless_of(found: re.Match[str], forms: set[str]) -> str:
    return "" if _attribute(found[1], "form") in forms - {""} else found[0]


def _disabled_if_of(found: re.Match[str], forms: set[str]) -> str:
    if _attribute(found[1], "form") not in forms - {""}:
        return found[0]
    return f"{found[0][:-1]} disabled>"


def _attribute(attributes: str, name: str) -> str:
    found = re.search(rf'(?<![\w-]){name}="([^"]*)"', attributes)
    return unescape(found[1]) if found else ""
