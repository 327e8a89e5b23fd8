"""The look of the shop: drafts that shoppers never see, publishing, refusals that move nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from shop.audit import AuditEntry
from shop.extensions import db
from shop.store.models import StoreSettings
from shop.theme.models import ThemeVersion
from shop.theme.palette import ROLES
from shop.theme.sections import (
    FeaturedCollection,
    Hero,
    Promises,
    Questions,
    Section,
    Story,
    Text,
    read_sections,
)
from shop.theme.themes import Theme
from tests.catalog.test_queries import make_collection
from tests.factories import make_product
from tests.pages import read
from tests.theme.looks import show

EVIL = '"><script>alert(1)</script>'


def versions() -> list[tuple[str, int]]:
    rows = db.session.execute(
        sa.select(ThemeVersion.state, ThemeVersion.revision).order_by(ThemeVersion.id)
    )
    return [tuple(row) for row in rows]


def draft() -> ThemeVersion:
    return db.session.scalars(sa.select(ThemeVersion).where(ThemeVersion.state == "draft")).one()


def draft_sections() -> list[Section]:
    return read_sections(draft().sections)


def png(size: tuple[int, int] = (400, 120), color: Any = (28, 51, 181, 0)) -> BytesIO:
    data = BytesIO()
    Image.new("RGBA", size, color).save(data, "PNG")
    data.seek(0)
    return data


def colors(app: Flask, **changes: str) -> dict[str, str]:
    theme: Theme = app.extensions["themes"]["fettle"]
    values = {f"light-{role}": theme.light[role] for role in ROLES}
    values |= {f"dark-{role}": theme.dark[role] for role in ROLES}
    return values | {name.replace("__", "-"): value for name, value in changes.items()}


def publish(staff: FlaskClient) -> None:
    assert (
        staff.post("/admin/theme/publication", data={"revision": draft().revision}).status_code
        == 303
    )


# Drafts


def test_the_page_of_a_shop_nobody_has_arranged(staff: FlaskClient) -> None:
    page = staff.get("/admin/theme")

    assert page.status_code == 200
    assert "Nothing was published yet" in page.text
    assert versions() == []


def test_a_shopper_sees_a_change_once_it_is_published(app: Flask, staff: FlaskClient) -> None:
    show(Text(id="t", heading="As it was"))
    shopper = app.test_client()

    staff.post("/admin/theme/sections/t", data={"heading": "As it will be", "body": "New."})
    before = shopper.get("/").text
    preview = staff.get("/admin/theme/preview/").text
    publish(staff)
    after = shopper.get("/").text

    assert ("As it was" in before, "As it will be" in before) == (True, False)
    assert ("As it was" in preview, "As it will be" in preview) == (False, True)
    assert ("As it was" in after, "As it will be" in after) == (False, True)
    assert [state for state, _ in versions()] == ["past", "live"]


def test_name_and_tagline_wait_for_publication_too(app: Flask, staff: FlaskClient) -> None:
    staff.post("/admin/theme/brand", data={"name": "Kiln & Co", "tagline": "Slow pots"})

    before, preview = app.test_client().get("/").text, staff.get("/admin/theme/preview/").text
    publish(staff)
    store = db.session.get_one(StoreSettings, 1)

    assert "Kiln &amp; Co" not in before
    assert "Kiln &amp; Co" in preview
    assert (store.name, store.tagline) == ("Kiln & Co", "Slow pots")


def test_publishing_keeps_what_the_settings_changed_meanwhile(staff: FlaskClient) -> None:
    show(Text(id="t"))
    staff.post("/admin/theme/sections/t", data={"heading": "New"})
    db.session.get_one(StoreSettings, 1).name = "Renamed"

    publish(staff)

    assert db.session.get_one(StoreSettings, 1).name == "Renamed"


@pytest.mark.parametrize("who", ["guest", "customer"])
def test_nobody_else_sees_the_preview(app: Flask, staff: FlaskClient, who: str) -> None:
    from tests.accounts.people import be_signed_in, make_account

    staff.post("/admin/theme/brand", data={"name": "Secret name"})
    other = app.test_client()
    if who == "customer":
        be_signed_in(other, make_account())

    answer = other.get("/admin/theme/preview/")

    assert answer.status_code == (303 if who == "guest" else 403)
    assert "Secret name" not in answer.text


def test_a_preview_is_kept_by_no_cache_and_leaves_the_next_page_alone(
    app: Flask, staff: FlaskClient
) -> None:
    staff.post("/admin/theme/brand", data={"name": "Secret name"})

    preview = staff.get("/admin/theme/preview/")

    assert preview.headers["Cache-Control"] == "private, no-store"
    assert "Secret name" not in staff.get("/").text
    assert "Secret name" not in staff.get("/admin/theme").text.split("</header>")[0]


def test_the_preview_keeps_to_itself(staff: FlaskClient) -> None:
    make_product("Blue mug", handle="blue-mug")
    staff.post("/admin/theme/brand", data={"name": "Secret name"})

    page = staff.get("/admin/theme/preview/products?sort=title")

    assert 'href="/admin/theme/preview/products/blue-mug"' in page.text
    assert 'action="/admin/theme/preview/search"' in page.text
    assert '<link rel="canonical" href="http://localhost/products' in page.text
    assert staff.get("/admin/theme/preview/products/blue-mug").status_code == 200
    assert staff.get("/admin/theme/preview/search?q=mug").status_code == 200
    assert staff.get("/admin/theme/preview/products/none").status_code == 404


@pytest.mark.parametrize("path", ["cart", "admin", "admin/orders", "sign-in"])
def test_the_preview_shows_no_page_that_is_no_part_of_it(staff: FlaskClient, path: str) -> None:
    staff.post("/admin/theme/brand", data={"name": "Secret name"})

    answer = staff.get(f"/admin/theme/preview/{path}")

    assert (answer.status_code, answer.location) == (303, f"/{path}")


def test_without_a_draft_the_preview_is_the_shop(staff: FlaskClient) -> None:
    answer = staff.get("/admin/theme/preview/products")

    assert (answer.status_code, answer.location) == (303, "/products")


# Publishing, history


def test_nobody_publishes_what_they_have_not_seen(staff: FlaskClient) -> None:
    staff.post("/admin/theme/brand", data={"name": "One"})
    seen = draft().revision
    staff.post("/admin/theme/brand", data={"name": "Two"})

    answer = staff.post("/admin/theme/publication", data={"revision": seen})

    assert answer.status_code == 409
    assert [state for state, _ in versions()] == ["draft"]
    assert db.session.get_one(StoreSettings, 1).name == "Fettle"


def test_publishing_twice_publishes_once(staff: FlaskClient) -> None:
    staff.post("/admin/theme/brand", data={"name": "One"})
    revision = draft().revision

    first = staff.post("/admin/theme/publication", data={"revision": revision})
    second = staff.post("/admin/theme/publication", data={"revision": revision})

    assert (first.status_code, second.status_code) == (303, 303)
    assert [state for state, _ in versions()] == ["live"]
    entries = db.session.scalars(sa.select(AuditEntry.action)).all()
    assert entries.count("theme.published") == 1


def test_an_earlier_version_comes_back_as_the_draft(app: Flask, staff: FlaskClient) -> None:
    first = show(Text(id="t", heading="First"))
    staff.post("/admin/theme/sections/t", data={"heading": "Second"})
    publish(staff)
    staff.post("/admin/theme/sections/t", data={"heading": "Third"})

    answer = staff.post(f"/admin/theme/versions/{first.id}/restoration")

    assert answer.status_code == 303
    assert [s.heading for s in draft_sections()] == ["First"]
    assert "Second" in app.test_client().get("/").text
    publish(staff)
    assert "First" in app.test_client().get("/").text
    assert [state for state, _ in versions()] == ["past", "past", "live"]


def test_a_draft_that_is_discarded_is_gone(staff: FlaskClient) -> None:
    show(Text(id="t", heading="Live"))
    staff.post("/admin/theme/sections/t", data={"heading": "Draft"})

    staff.post("/admin/theme/draft/delete")
    staff.post("/admin/theme/draft/delete")

    assert [state for state, _ in versions()] == ["live"]
    assert "Live" in staff.get("/").text


# Colors


def test_colors_reach_the_page_as_a_style_sheet_that_browsers_keep(
    app: Flask, staff: FlaskClient
) -> None:
    staff.post("/admin/theme/colors", data=colors(app, light__action="#0a7d3c"))
    publish(staff)
    page = read(app.test_client().get("/").text)
    (sheet,) = [link for link in page.having("link") if link["href"].startswith("/theme/")]

    answer = app.test_client().get(sheet["href"])

    assert "--action:#0a7d3c" in answer.text
    assert answer.mimetype == "text/css"
    assert answer.headers["Cache-Control"] == "public, immutable, max-age=31536000"


def test_unchanged_colors_add_no_style_sheet(app: Flask, staff: FlaskClient) -> None:
    staff.post("/admin/theme/colors", data=colors(app))
    publish(staff)

    assert "/theme/" not in app.test_client().get("/").text


def test_an_unreadable_pair_is_refused_with_a_way_out(app: Flask, staff: FlaskClient) -> None:
    answer = staff.post("/admin/theme/colors", data=colors(app, light__ink="#999999"))

    assert answer.status_code == 422
    assert "Text on Page has a contrast of 2.6" in answer.text
    assert "The nearest color that does is #" in answer.text
    assert 'value="#999999"' in answer.text
    assert versions() == []


@pytest.mark.parametrize("typed", ["red", "#12", "#fff;}body{display:none", EVIL, "url(x)"])
def test_what_is_no_color_is_refused(app: Flask, staff: FlaskClient, typed: str) -> None:
    answer = staff.post("/admin/theme/colors", data=colors(app, dark__banner=typed))

    assert answer.status_code == 422
    assert "Type a color like #1c33b5." in answer.text
    assert "<script>alert" not in answer.text
    assert versions() == []


def test_an_empty_form_means_the_themes_own_colors(staff: FlaskClient) -> None:
    staff.post("/admin/theme/colors", data={})

    assert draft().look["light"] == {}


def test_a_style_sheet_that_never_was_is_not_found(client: FlaskClient) -> None:
    assert client.get("/theme/0123456789abcdef.css").status_code == 404
    assert client.get("/theme/.css").status_code == 404


# Style, name, logo


def test_fonts_and_corners_change(app: Flask, staff: FlaskClient) -> None:
    data = {"theme": "fettle", "heading_font": "slab", "text_font": "", "corners": "square",
            "spacing": ""}  # fmt: skip
    staff.post("/admin/theme/style", data=data)
    publish(staff)

    page = app.test_client().get("/").text

    assert "fonts/wide." not in page
    assert "fonts/text." in page


@pytest.mark.parametrize("name", ["theme", "heading_font", "text_font", "corners", "spacing"])
def test_a_style_that_is_not_offered_is_refused(staff: FlaskClient, name: str) -> None:
    data = {"theme": "fettle", "heading_font": "", "text_font": "", "corners": "", "spacing": ""}

    answer = staff.post("/admin/theme/style", data=data | {name: "../evil"})

    assert answer.status_code == 422
    assert versions() == []


def test_a_logo_stands_in_the_header_with_the_shops_name(app: Flask, staff: FlaskClient) -> None:
    answer = staff.post(
        "/admin/theme/brand",
        data={"name": "Fettle", "logo": (png(), "logo.png"), "icon": (png((128, 128)), "i.png")},
    )
    publish(staff)

    page = read(app.test_client().get("/").text)
    (logo,) = [img for img in page.having("img") if img.get("alt") == "Fettle"]
    assert answer.status_code == 303
    assert (logo["width"], logo["height"]) == ("400", "120")
    with app.test_client().get(logo["src"]) as file:
        assert file.status_code == 200
    assert page.having("link", rel="icon", type="image/webp")


def test_the_pot_stands_before_the_name_where_it_is_wanted(app: Flask, staff: FlaskClient) -> None:
    def marks() -> int:
        return app.test_client().get("/").text.count('<svg viewBox="0 0 24 28"')

    assert marks() == 0

    staff.post("/admin/theme/brand", data={"name": "Fettle", "has_mark": "y"})
    publish(staff)
    assert marks() == 1
    assert 'name="has_mark" value="y" checked' in staff.get("/admin/theme/brand").text

    staff.post("/admin/theme/brand", data={"name": "Fettle"})
    publish(staff)
    assert marks() == 0


def test_a_logo_can_be_taken_away_again(app: Flask, staff: FlaskClient) -> None:
    staff.post("/admin/theme/brand", data={"name": "Fettle", "logo": (png(), "logo.png")})

    staff.post("/admin/theme/brand", data={"name": "Fettle", "remove_logo": "y"})

    assert draft().look["logo"] is None


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "in SVG"),
        (b"<?xml version='1.0'?><svg/>", "in SVG"),
        (b"GIF89a nonsense", "not a picture"),
        (b"", "not a picture"),
    ],
)
def test_a_logo_that_is_no_picture_is_refused(staff: FlaskClient, data: bytes, said: str) -> None:
    answer = staff.post(
        "/admin/theme/brand", data={"name": "New", "logo": (BytesIO(data), "logo.png")}
    )

    assert answer.status_code == 422
    assert said in answer.text
    assert versions() == []


def test_a_shop_needs_a_name(staff: FlaskClient) -> None:
    answer = staff.post("/admin/theme/brand", data={"name": " "})

    assert answer.status_code == 422
    assert "Give the shop a name." in answer.text
    assert versions() == []


# Sections


def test_sections_are_added_moved_hidden_and_removed(staff: FlaskClient) -> None:
    show(Hero(id="h"), Text(id="t"))

    added = staff.post("/admin/theme/sections", data={"kind": "questions"})
    (new,) = [s for s in draft_sections() if s.kind == "questions"]
    staff.post(f"/admin/theme/sections/{new.id}/position", data={"direction": "up"})
    staff.post("/admin/theme/sections/h/visibility", data={"hidden": "1"})
    staff.post("/admin/theme/sections/t/delete")

    assert added.location == f"/admin/theme/sections/{new.id}"
    assert [(s.id, s.is_hidden) for s in draft_sections()] == [("h", True), (new.id, False)]


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        ("", {"kind": "carousel"}, 400),
        ("", {}, 400),
        ("/t/position", {"direction": "sideways"}, 400),
        ("/none/position", {"direction": "up"}, 404),
        ("/t/visibility", {"hidden": "perhaps"}, 400),
        ("/none/visibility", {"hidden": "1"}, 404),
        ("/none/delete", {}, 404),
        ("/none", {"heading": "x"}, 404),
    ],
)
def test_what_makes_no_sense_moves_nothing(
    staff: FlaskClient, path: str, data: dict[str, str], status: int
) -> None:
    show(Text(id="t"))

    assert staff.post(f"/admin/theme/sections{path}", data=data).status_code == status
    assert [state for state, _ in versions()] == ["live"]


def test_a_home_page_holds_so_many_sections(staff: FlaskClient) -> None:
    show(*(Text(id=f"t{n}") for n in range(24)))

    assert staff.post("/admin/theme/sections", data={"kind": "text"}).status_code == 409
    assert [state for state, _ in versions()] == ["live"]


@pytest.mark.parametrize(
    "kind",
    ["hero", "swatches", "newest", "collection", "collections", "promises", "story", "text",
     "journal", "questions"],
)  # fmt: skip
def test_every_kind_can_be_added_filled_and_seen(app: Flask, staff: FlaskClient, kind: str) -> None:
    make_collection("table", [make_product()])
    staff.post("/admin/theme/sections", data={"kind": kind})
    section = draft_sections()[-1]
    address = f"/admin/theme/sections/{section.id}"
    form = read(staff.get(address).text)
    inputs = form.having("input") + form.having("textarea") + form.having("select")
    texts = {f["name"]: "" for f in inputs if f.get("name") and f.get("type") != "file"}
    values = {"heading": f"Seen {EVIL}", "count": "2", "collection": "table", "tile-1": "table"}
    values |= {f"icon-{n}": "box" for n in range(1, 5)}

    saved = staff.post(address, data=texts | {k: v for k, v in values.items() if k in texts})

    assert saved.status_code == 303, read(saved.text).text
    assert draft_sections()[-1].heading == f"Seen {EVIL}"
    for page in (staff.get("/admin/theme"), staff.get(address), staff.get("/admin/theme/preview/")):
        assert page.status_code == 200
        assert "<script>alert" not in page.text


@pytest.mark.parametrize(
    ("section", "data", "said"),
    [
        (Hero(id="x"), {"button_url": "javascript:alert(1)"}, "Type a page of this shop"),
        (Hero(id="x"), {"link_url": "//evil.example"}, "Type a page of this shop"),
        (Hero(id="x"), {"heading": "x" * 121}, "Use at most 120 characters."),
        (FeaturedCollection(id="x", collection="table"), {"collection": "gone", "count": "3"},
         "Choose one of the list."),
        (FeaturedCollection(id="x", collection="table"), {"collection": "table", "count": "99"},
         "Type a whole number from 1 to 12."),
        (FeaturedCollection(id="x", collection="table"), {"collection": "table", "count": "٣"},
         "Type a whole number from 1 to 12."),
        (Promises(id="x"), {"text-1": "Alone"}, "Give the line its first words."),
        (Promises(id="x"), {"title-1": "Fast", "icon-1": "<svg>"}, "Choose one of the list."),
        (Questions(id="x"), {"question-1": "Why?"}, "A question and its answer belong together."),
        (Story(id="x"), {"link_url": "data:text/html,x"}, "Type a page of this shop"),
    ],
)  # fmt: skip
def test_a_section_is_refused_in_words_and_stays(
    staff: FlaskClient, section: Section, data: dict[str, str], said: str
) -> None:
    make_collection("table", [make_product()])
    show(section)

    answer = staff.post("/admin/theme/sections/x", data=data)

    assert answer.status_code == 422
    assert said in answer.text
    assert [state for state, _ in versions()] == ["live"]


def test_a_sections_picture_is_kept_described_and_removed(staff: FlaskClient) -> None:
    show(Story(id="s"))
    picture = (png((900, 600), (10, 90, 60, 255)), "p.png")

    staff.post("/admin/theme/sections/s", data={"picture": picture, "alt": "A kiln"})
    (kept,) = draft_sections()
    staff.post("/admin/theme/sections/s", data={"alt": "The kiln"})
    (described,) = draft_sections()
    staff.post("/admin/theme/sections/s", data={"remove_picture": "y"})
    (bare,) = draft_sections()

    assert isinstance(kept, Story)
    assert kept.picture is not None
    assert (kept.picture.alt, kept.picture.width, kept.picture.ground) == ("A kiln", 800, "#0A5A3C")
    assert isinstance(described, Story)
    assert described.picture is not None
    assert (described.picture.file, described.picture.alt) == (kept.picture.file, "The kiln")
    assert isinstance(bare, Story)
    assert bare.picture is None


def test_questions_can_be_taken_out_and_added(staff: FlaskClient) -> None:
    show(Questions(id="q"))
    data = {f"{name}-{n}": f"{name} {n}" for n in (1, 2, 3) for name in ("question", "answer")}

    staff.post("/admin/theme/sections/q", data=data)
    staff.post("/admin/theme/sections/q", data=data | {"question-2": "", "answer-2": ""})

    (section,) = draft_sections()
    assert isinstance(section, Questions)
    assert [item.question for item in section.items] == ["question 1", "question 3"]


def test_the_theme_costs_a_page_no_query_of_its_own(
    app: Flask, client: FlaskClient, store: None, count_queries: Callable[[], Any]
) -> None:
    show(look={"light": {"action": "#0a7d3c"}}, stylesheet="x", digest="d")
    client.get("/products")

    with count_queries() as statements:
        client.get("/products")

    assert len([s for s in statements if "theme_versions" in s]) == 1
    assert len([s for s in statements if "store_settings" in s]) == 1


def test_themes_are_described_in_the_readers_language(staff: FlaskClient) -> None:
    db.session.get_one(StoreSettings, 1).languages = ["en", "de"]
    db.session.commit()

    english = read(staff.get("/admin/theme/style").text).text
    german = read(staff.get("/admin/theme/style", headers={"Accept-Language": "de"}).text).text

    assert "Black on white with one accent" in english
    assert "Schwarz auf Weiß mit einer Akzentfarbe" in german
    assert "Fettle" in german
    assert "Wide letters" not in german


def test_a_theme_may_say_nothing_of_itself(
    staff: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    themes: dict[str, Theme] = app.extensions["themes"]
    monkeypatch.setitem(themes, "plain", replace(themes["plain"], about=""))
    db.session.get_one(StoreSettings, 1).languages = ["en", "de"]
    db.session.commit()

    german = read(staff.get("/admin/theme/style", headers={"Accept-Language": "de"}).text).text

    assert "Plain" in german
    assert "Project-Id-Version" not in german
