from __future__ import annotations

from shop.catalog.options import Choosable, pick

NAMES = ("Glaze", "Size")
MUG = [
    Choosable(1, ("Cobalt", "Small"), False),
    Choosable(2, ("Cobalt", "Large"), True),
    Choosable(3, ("Crème brûlée", "Large"), True),
    Choosable(4, ("Heather", "Small"), False),
]


def test_the_address_names_the_variant() -> None:
    picker = pick(NAMES, MUG, {"glaze": "creme-brulee", "size": "large"})

    assert picker.variant_id == 3
    assert picker.query == {"glaze": "creme-brulee", "size": "large"}


def test_without_a_wish_the_first_variant_in_stock_is_chosen() -> None:
    assert pick(NAMES, MUG, {}).variant_id == 2


def test_unknown_values_are_passed_over() -> None:
    assert pick(NAMES, MUG, {"glaze": "gold", "size": "'; --", "colour": "x"}).variant_id == 2
    assert pick(NAMES, MUG, {"glaze": "heather", "size": "gold"}).variant_id == 4


def test_a_sold_out_variant_can_still_be_chosen() -> None:
    picker = pick(NAMES, MUG, {"glaze": "cobalt", "size": "small"})

    assert picker.variant_id == 1
    assert [choice.is_available for choice in picker.groups[1].choices] == [False, True]


def test_with_everything_sold_out_the_first_is_chosen() -> None:
    gone = [Choosable(1, ("A",), False), Choosable(2, ("B",), False)]

    assert pick(("Size",), gone, {}).variant_id == 1


def test_a_choice_keeps_the_other_values_if_it_can() -> None:
    glaze, size = pick(NAMES, MUG, {"glaze": "cobalt", "size": "large"}).groups

    assert [(choice.value, choice.variant_id) for choice in glaze.choices] == [
        ("Cobalt", 2),
        ("Crème brûlée", 3),
        ("Heather", 4),  # there is no large one in Heather
    ]
    assert [(choice.value, choice.is_current) for choice in size.choices] == [
        ("Small", False),
        ("Large", True),
    ]


def test_a_choice_tells_what_else_it_changes() -> None:
    glaze, size = pick(NAMES, MUG, {"glaze": "cobalt", "size": "large"}).groups

    assert [choice.changes for choice in glaze.choices] == [(), (), ("Small",)]
    assert [choice.changes for choice in size.choices] == [(), ()]


def test_an_address_that_names_a_value_is_told_from_one_that_does_not() -> None:
    assert pick(NAMES, MUG, {"size": "large"}).is_asked
    assert not pick(NAMES, MUG, {"size": "gold", "utm_source": "x"}).is_asked


def test_the_only_variant_has_no_picker() -> None:
    assert pick(("Title",), [Choosable(7, ("Default Title",), True)], {}).groups == ()
    assert pick((), [Choosable(7, (), True)], {"glaze": "x"}).variant_id == 7


def test_values_that_fold_alike_have_addresses_of_their_own() -> None:
    twins = [Choosable(1, ("A-B",), True), Choosable(2, ("A B",), True)]

    handles = [choice.handle for choice in pick(("Size",), twins, {}).groups[0].choices]

    assert handles == ["a-b", "a-b-2"]
    assert pick(("Size",), twins, {"size": "a-b-2"}).variant_id == 2
