"""A draft and the page cache: what staff look at is kept for nobody, what is published is seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from shop.database import transaction
from shop.theme.sections import Text
from tests.accounts.people import be_signed_in, make_admin
from tests.conftest import dispose, make_settings, migrated_app
from tests.factories import make_store
from tests.theme.looks import show


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Flask]:
    """With its page cache on."""
    url = f"sqlite:///{tmp_path / 'till.sqlite'}"
    app = migrated_app(make_settings(url, tmp_path, page_cache_mb=8))
    with app.app_context(), transaction():
        make_store()
        show(Text(id="t", heading="As it was"))
    yield app
    dispose(app)


def test_a_preview_never_gets_into_the_cache_and_publishing_empties_it(shop: Flask) -> None:
    staff, shopper = shop.test_client(), shop.test_client()
    with shop.app_context(), transaction():
        be_signed_in(staff, make_admin())
    shopper.get("/")
    staff.post("/admin/theme/sections/t", data={"heading": "As it will be"})

    previews = [staff.get("/admin/theme/preview/").text for _ in range(2)]
    before = [client.get("/").text for client in (shopper, staff, shopper)]
    refused = shopper.get("/admin/theme/preview/")
    staff.post("/admin/theme/publication", data={"revision": "2"})
    after = [client.get("/").text for client in (shopper, staff)]

    assert ["As it will be" in text for text in previews] == [True, True]
    assert ["As it was" in text for text in before] == [True, True, True]
    assert ["As it will be" in text for text in before] == [False, False, False]
    assert refused.status_code == 303
    assert ["As it will be" in text for text in after] == [True, True]
