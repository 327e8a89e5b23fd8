"""The merchant's own pages and the journal."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, render_template, url_for
from flask import request as asked
from flask.typing import ResponseReturnValue

from shop.clock import now
from shop.content import queries
from shop.content.layout import layout
from shop.web.context import current_site
from shop.web.headers import VALID_UNTIL
from shop.web.pagination import paginate, read_page

bp = Blueprint("content", __name__)

PER_PAGE = 13  # one large, and rows of two or three
IN_FEED = 20


@bp.after_request
def revalidate(response: Response) -> Response:
    """Browsers may keep a page to go back to, and ask before they show it again."""
    if response.status_code == 200:
        response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


@bp.get("/pages/<handle>")
def page(handle: str) -> ResponseReturnValue:
    found = queries.published_page(handle)
    if found is None:
        abort(404)
    shown = layout(found)
    return render_template(shown.template, **shown.values)


# The journal


@bp.get("/blogs/journal")
def journal() -> ResponseReturnValue:
    number = read_page(asked.args.get("page"))
    rows = queries.articles(limit=PER_PAGE + 1, offset=(number - 1) * PER_PAGE)
    pager = paginate(
        rows,
        number,
        PER_PAGE,
        lambda page: url_for(".journal", page=page if page > 1 else None),
        total=queries.article_count(),
    )
    return _until_the_next(render_template("content/journal.html", pager=pager))


@bp.get("/blogs/journal/<handle>")
def article(handle: str) -> ResponseReturnValue:
    found = queries.published_article(handle)
    if found is None:
        abort(404)
    older, newer = queries.neighbors(found)
    return _until_the_next(
        render_template("content/article.html", article=found, older=older, newer=newer)
    )


@bp.get("/blogs/journal.atom")
def feed() -> ResponseReturnValue:
    site = current_site()
    articles = queries.texts(limit=IN_FEED)
    body = render_template(
        "content/journal.xml",
        articles=articles,
        shop=site.store,
        url=site.url,
        language=site.language,
        updated_at=max((article.updated_at for article in articles), default=now()),
    )
    response = _until_the_next(body)
    response.mimetype = "application/atom+xml"
    return response


def _until_the_next(body: str) -> Response:
    """What the journal says is true until its next article appears by itself."""
    response = make_response(body)
    if until := queries.next_article_at():
        response.headers[VALID_UNTIL] = str(int(until.timestamp()))
    return response
