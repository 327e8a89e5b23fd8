"""The index of what the admin's lists are searched by holds what the rows hold."""

from __future__ import annotations

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask

from shop import substrings
from shop.accounts.models import Account
from shop.catalog.models import Variant
from shop.extensions import db
from tests.factories import make_product


def found(text: str, table: type = Account) -> set[int]:
    return set(db.session.scalars(substrings.ids(table, text)))


def add(email: str, name: str = "") -> Account:
    account = Account(email=email, name=name, fs_uniquifier=email)
    db.session.add(account)
    db.session.flush()
    return account


def test_a_text_is_found_anywhere_in_any_of_the_columns(app: Flask) -> None:
    by_email = add("ada.keller@example.com")
    by_name = add("b@example.com", name="Bert Kellermann")
    add("c@example.com", name="Kell Er")

    assert found("keller") == {by_email.id, by_name.id}
    assert found("KELLER@") == {by_email.id}
    assert found("ert kel") == {by_name.id}
    assert found("keller x") == set()


@pytest.mark.parametrize("text", ['"', "' OR", "%%%", "___", "a*b", "(abc", "\\\\\\", "NEAR(a b)"])
def test_no_character_means_anything_but_itself(app: Flask, text: str) -> None:
    add("a@example.com", name="Ada")
    meant = add("b@example.com", name=f"Bert {text} Ball")

    assert found(text) == {meant.id}


def test_a_text_of_two_letters_is_found_too(app: Flask) -> None:
    meant = add("li@example.org", name="李四")
    add("b@example.com", name="Bert")

    assert found("李四") == {meant.id}
    assert found("李") == {meant.id}


def test_a_changed_row_is_found_by_its_new_words_alone(app: Flask) -> None:
    account = add("a@example.com", name="Ada Lovelace")

    account.name = "Ada Byron"
    db.session.flush()

    assert found("lovelace") == set()
    assert found("byron") == {account.id}


def test_a_row_that_is_gone_is_not_found(app: Flask) -> None:
    account = add("a@example.com", name="Ada Lovelace")

    db.session.delete(account)
    db.session.flush()

    assert found("lovelace") == set()


def test_a_column_without_a_value_is_not_in_the_way(app: Flask) -> None:
    product = make_product()
    variant_id = db.session.scalar(sa.select(Variant.id).where(Variant.product_id == product.id))
    db.session.execute(sa.update(Variant).values(sku=None))

    assert found("mug-", Variant) == set()

    db.session.execute(sa.update(Variant).values(sku="MUG-17"))

    assert found("mug-", Variant) == {variant_id}


@pytest.mark.parametrize("few", [0, 1000])
def test_a_list_finds_the_same_by_the_index_and_by_walking(
    app: Flask, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(substrings, "FEW", few)
    meant = {add(f"keller{n}@example.com").id for n in range(3)}
    add("other@example.com")

    ids = set(db.session.scalars(sa.select(Account.id).where(substrings.holds(Account, "keller"))))

    assert ids == meant


def test_what_was_there_before_the_index_is_found(own_database: Flask) -> None:
    with own_database.app_context():
        flask_migrate.downgrade(revision="0064")
        account_id = add("ada@example.com", name="Ada Lovelace").id
        db.session.commit()
        db.session.remove()

        flask_migrate.upgrade()

        assert found("lovelace") == {account_id}


def test_every_indexed_table_has_its_index(app: Flask) -> None:
    for table in substrings.INDEXED:
        model = next(
            mapper.class_
            for mapper in Account.registry.mappers
            if mapper.local_table is not None and mapper.local_table.name == table
        )
        assert found("zzqqzz", model) == set()
