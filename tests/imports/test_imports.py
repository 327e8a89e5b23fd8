"""Files brought in by the worker: looked through, brought in, resumed, canceled."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from shop.audit import AuditEntry
from shop.catalog.models import Product, ProductImage, Variant
from shop.database import in_transaction
from shop.extensions import db
from shop.imports import batches, queries, service, worker
from shop.imports.models import ImportFault, ImportProduct, ImportState, Outcome
from shop.inventory.models import StockItem, StockMovement
from shop.outbox.models import OutboxMessage
from tests.catalog.sheets import HEADER
from tests.factories import make_product, variants_of
from tests.imports.files import export, give, import_of, person, run, start, work

MUGS = HEADER + (
    "tuesday-mug,Tuesday mug,Glaze,Cobalt,MUG-COB,shopify,5,34,https://pictures.example/1.jpg\n"
    "tuesday-mug,,,Milk,MUG-MLK,shopify,3,36.50,https://pictures.example/2.jpg\n"
    "milk-jug,Milk jug,Title,Default Title,,,7,48,\n"
)
#: What an import may touch.
TABLES = (Product, Variant, ProductImage, StockItem, StockMovement, OutboxMessage)


def counts() -> list[int]:
    return [db.session.scalar(sa.select(sa.func.count()).select_from(t)) or 0 for t in TABLES]


def rows_of(import_id: int, outcome: Outcome) -> list[ImportProduct]:
    return list(queries.products_of(import_id, outcome, 1))


def faults_of(import_id: int) -> list[str]:
    return [str(fault) for fault in queries.all_faults(import_id)]


def changed(import_id: int) -> dict[str, dict[str, Any]]:
    """By handle, without the kept columns and with variants by their labels."""
    return {
        row.handle: {
            _named(key, row.labels): pair
            for key, pair in row.changes.items()
            if not key.endswith("import_columns")
        }
        for row in rows_of(import_id, Outcome.UPDATED)
    }


def _named(key: str, labels: dict[str, str]) -> str:
    kind, _, rest = key.partition(":")
    id_, _, name = rest.partition(":")
    return ":".join(filter(None, [kind, labels.get(id_, id_), name])) if rest else key


def test_looking_through_tells_everything_and_changes_nothing(app: Flask) -> None:
    run(MUGS)
    before, written = counts(), export()
    file = MUGS.replace("Milk jug", "Cream jug").replace(
        "MUG-COB,shopify,5,34", "MUG-COB,shopify,9,30"
    )

    import_id = give(
        file + "vase,Vase,Title,Default Title,V,,1,80,\nplate,,Title,,,,x,1,\n", press="2"
    )
    work()

    found = import_of(import_id)
    assert (found.state, found.total, found.position) == (ImportState.CHECKED, 4, 4)
    assert (found.created_count, found.updated_count) == (1, 2)
    assert (found.unchanged_count, found.faulty_count) == (0, 1)
    assert changed(import_id) == {
        "tuesday-mug": {
            "variant:MUG-COB:unit_amount": [3400, 3000],
            "stock:MUG-COB:on_hand": [5, 9],
        },
        "milk-jug": {"title": ["Milk jug", "Cream jug"]},
    }
    assert [row.title for row in rows_of(import_id, Outcome.CREATED)] == ["Vase"]
    assert faults_of(import_id) == [
        "line 6, Title: the title is missing",
        'line 6, Variant Inventory Qty: "x" is not a whole number',
    ]
    assert (counts(), export()) == (before, written)


def test_what_was_shown_is_what_is_done(app: Flask) -> None:
    run(MUGS)
    import_id = give(MUGS.replace("36.50", "40").replace("Cobalt", "Azure"), press="2")
    work()
    shown = changed(import_id)

    start(import_id)
    work()

    assert import_of(import_id).state == ImportState.DONE
    assert changed(import_id) == shown != {}
    assert all(row.is_kept for row in rows_of(import_id, Outcome.UPDATED))


def test_products_with_a_fault_are_left_out_and_the_others_come_in(app: Flask) -> None:
    taken = make_product(handle="owner")
    variants_of(taken)[0].sku = "TAKEN"
    file = MUGS + "vase,Vase,Title,Default Title,TAKEN,,1,80,\nbad_price,Bad,Title,,X,,1,1.234,\n"

    done = run(file)

    assert (done.created_count, done.faulty_count, done.fault_count) == (2, 2, 2)
    assert faults_of(done.id) == [
        'line 5, Variant SKU: "TAKEN" is a SKU of another product, owner',
        'line 6, Variant Price: "1.234" is not a price in GBP; write 12.50 or 12,50, without'
        " grouping",
    ]
    handles = set(db.session.scalars(sa.select(Product.handle)))
    assert handles == {"owner", "tuesday-mug", "milk-jug"}


def test_stock_that_is_promised_leaves_only_its_product_out(app: Flask) -> None:
    run(MUGS)
    cobalt = db.session.scalars(sa.select(Variant).where(Variant.sku == "MUG-COB")).one()
    db.session.execute(
        sa.update(StockItem).where(StockItem.variant_id == cobalt.id).values(reserved=4)
    )

    done = run(MUGS.replace("shopify,5,34", "shopify,2,30").replace("Milk jug", "Jug"), press="2")

    assert faults_of(done.id) == [
        "line 2, Variant Inventory Qty: 2 in stock, but 4 are promised to orders"
    ]
    assert (done.updated_count, done.faulty_count) == (1, 1)
    db.session.refresh(cobalt)
    assert cobalt.unit_amount == 3400


@pytest.mark.parametrize(
    ("file", "fault"),
    [
        ('Handle,Title\na,"b\n', "line 2: a quotation mark is opened and never closed"),
        ("Handle,Title,title\na,b,c\n", "line 1, title: is given twice (also as Title)"),
        ("Handle,Title\n", None),
    ],
)
def test_a_broken_file_is_refused_whole(app: Flask, file: str, fault: str | None) -> None:
    before = counts()

    import_id = give(file)
    work()

    assert import_of(import_id).state == ImportState.REFUSED
    assert faults_of(import_id) == ([fault] if fault else [])
    assert not start(import_id)
    assert counts() == before


def test_one_press_gives_one_import(app: Flask) -> None:
    assert give(MUGS, press="same") == give(MUGS, press="same")


def test_of_two_who_start_it_one_is_first(app: Flask) -> None:
    import_id = give(MUGS)
    assert not start(import_id)  # nobody has looked through it
    work()

    assert (start(import_id), start(import_id)) == (True, False)


def test_a_worker_that_dies_in_the_middle_has_done_nothing_twice(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH", 1)
    lines = [f"mug-{n},Mug {n},Title,Default Title,SKU-{n},shopify,{n},5,\n" for n in range(1, 8)]
    import_id = give(HEADER + "".join(lines))
    work()
    start(import_id)
    genuine, left = batches._add_rows, [4]

    def die(*args: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt
        genuine(*args)

    monkeypatch.setattr(batches, "_add_rows", die)
    with pytest.raises(KeyboardInterrupt):
        work()
    db.session.rollback()
    assert (import_of(import_id).position, counts()[0]) == (3, 3)

    work()

    done = import_of(import_id)
    assert (done.state, done.created_count, done.position) == (ImportState.DONE, 7, 7)
    assert counts()[0] == 7
    movements = db.session.scalars(sa.select(StockMovement.quantity).order_by(StockMovement.id))
    assert list(movements) == [1, 2, 3, 4, 5, 6, 7]


def test_a_product_that_fails_time_and_again_is_left_out(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    genuine = batches.Importer.bring_in

    def fail(self: batches.Importer, batch: Any) -> Any:
        if any(one.values.handle == "milk-jug" for one in batch):
            raise RuntimeError("poison")
        return genuine(self, batch)

    monkeypatch.setattr(batches.Importer, "bring_in", fail)

    import_id = give(MUGS)
    for _ in range(2 * batches.TRIES + 2):
        work()

    found = import_of(import_id)
    assert (found.state, found.created_count, found.faulty_count) == (ImportState.CHECKED, 1, 1)
    assert faults_of(import_id) == [
        "line 4: this product could not be brought in; the shop's log tells more"
    ]


def test_a_canceled_import_keeps_what_came_in_and_can_be_undone(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH", 1)
    monkeypatch.setattr(worker, "TURN", 0.0)
    written = export()
    import_id = give(MUGS)
    work()
    start(import_id)
    db.session.commit()
    worker.work()
    by = person()

    assert in_transaction(lambda: service.cancel(import_id, by=by))
    work()

    stopped = import_of(import_id)
    assert (stopped.state, stopped.position, stopped.created_count) == (ImportState.CANCELED, 1, 1)
    assert counts()[0] == 1
    assert not in_transaction(lambda: service.cancel(import_id, by=by))
    assert in_transaction(lambda: service.undo(import_id, by=by))
    work()
    assert import_of(import_id).state == ImportState.UNDONE
    assert export() == written


def test_who_did_what_is_recorded(app: Flask) -> None:
    done = run(MUGS)

    actions = db.session.execute(
        sa.select(AuditEntry.action, AuditEntry.account_id)
        .where(AuditEntry.subject_kind == "import", AuditEntry.subject_id == done.id)
        .order_by(AuditEntry.id)
    ).all()
    assert [tuple(row) for row in actions] == [
        ("import.uploaded", done.account_id),
        ("import.started", done.account_id),
    ]


def test_rows_left_out_can_be_put_right_and_given_again(app: Flask) -> None:
    file = MUGS + "vase,Vase,Size,S,V-S,,1,x,\nvase,,,M,V-M,,1,90,\n"
    done = run(file)
    faults = queries.all_faults(done.id)
    content = queries.content_of(done.id) or b""

    lines = "".join(queries.left_out(done, content, faults, [fault.text for fault in faults]))

    assert len(lines.splitlines()) == 3  # the header and both rows of the vase
    assert "is not a price in GBP" in lines
    again = run(lines.replace(",x,", ",85,"), press="2")
    assert (again.created_count, again.faulty_count) == (1, 0)
    assert "Left out because" not in export()


def test_old_files_are_forgotten(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(MUGS)
    monkeypatch.setattr(service, "KEPT_FOR", -service.KEPT_FOR)

    in_transaction(service.forget_old)

    assert queries.content_of(done.id) is None
    assert db.session.scalar(sa.select(sa.func.count(ImportProduct.id))) == 0
    assert db.session.scalar(sa.select(sa.func.count(ImportFault.id))) == 0
    by = person()
    assert not in_transaction(lambda: service.undo(done.id, by=by))
