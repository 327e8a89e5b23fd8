"""A shop of its own for each module or test; RELIABILITY=full runs the long variants."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shop.database import transaction
from shop.extensions import db
from tests.conftest import Databases
from tests.factories import make_product, make_rates, make_store, variants_of
from tests.reliability.shop_processes import Shop, own_shop

FULL = os.environ.get("RELIABILITY") == "full"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.processes)


@pytest.fixture(scope="module")
def shop(
    dialect: str, tmp_path_factory: pytest.TempPathFactory, databases: Databases
) -> Iterator[Shop]:
    """Seeded and running, shared by the tests of a module; each makes its own products."""
    folder = tmp_path_factory.mktemp(f"shop-{dialect}")
    with databases(dialect, folder) as url, own_shop(url, folder) as shop:
        seed(shop)
        shop.start()
        yield shop


@pytest.fixture
def still_shop(dialect: str, tmp_path: Path, databases: Databases) -> Iterator[Shop]:
    """Seeded and of this test alone; nothing is started."""
    with databases(dialect, tmp_path) as url, own_shop(url, tmp_path) as shop:
        seed(shop)
        yield shop


def seed(shop: Shop) -> None:
    with shop.app.app_context():
        make_store()
        make_rates()
        db.session.commit()


@pytest.fixture
def stock(request: pytest.FixtureRequest) -> Callable[..., int]:
    """`stock(on_hand=10)` puts a product on sale; the id of its variant."""
    name = "shop" if "shop" in request.fixturenames else "still_shop"
    shop: Shop = request.getfixturevalue(name)

    def put_on_sale(on_hand: int, **values: Any) -> int:
        with shop.app.app_context(), transaction():  # the worker may be writing
            (variant,) = variants_of(make_product(on_hand=on_hand, **values))
            return variant.id

    return put_on_sale
