"""Which values of options words and rules mean, product by product."""

from __future__ import annotations

import pytest

from shop.catalog.facet_index import FacetIndex
from shop.catalog.facets import TYPE, VENDOR, Attribute, Chosen, Criteria, Wanted
from shop.catalog.fact_queries import handle_of
from shop.catalog.meant import by_rule, by_words, wanted_of
from shop.catalog.rules import About, Comparison, Condition, Rule
from shop.search.question import question, read_terms
from shop.search.synonyms import read_phrases
from tests.catalog.test_facet_index import facts, index_of

Options = dict[str, list[str]]


def pots(*options: Options, title: str = "Tuesday pot", **own: str) -> FacetIndex:
    """Products 1, 2 and so on."""
    return index_of(
        *(
            facts(
                number,
                *(Attribute(facet, handle_of(label), "", label) for facet, label in own.items()),
                *(
                    Attribute(facet, handle_of(label), facet.title(), label, place)
                    for facet, labels in each.items()
                    for place, label in enumerate(labels)
                ),
                title=title,
            )
            for number, each in enumerate(options, start=1)
        )
    )


def meant(
    index: FacetIndex,
    words: str,
    synonyms: dict[str, str] | None = None,
    *,
    product_id: int = 1,
    is_beginning: bool = True,
    joined: str = "",
) -> Criteria:
    also = {
        phrase: list(read_phrases(found))
        for typed, found in (synonyms or {}).items()
        for phrase in read_phrases(typed)
    }
    asked = question(
        read_terms(words), also, is_beginning=is_beginning, is_word=lambda word: word == joined
    )
    wanted = wanted_of(index, [product_id], by_words(index, asked))[product_id]
    if wanted is None:
        return ()
    assert (wanted.values, wanted.is_available) == ((), False)
    return wanted.meant


GLAZES = pots({"glaze": ["Milk", "Cobalt", "Celadon"], "size": ["Small", "Large"]})


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("celadon", (("glaze", ("celadon",)),)),
        ("celadon mug", (("glaze", ("celadon",)),)),
        ("Céladons for tea", (("glaze", ("celadon",)),)),
        ("a small one in cobalt", (("size", ("small",)), ("glaze", ("cobalt",)))),
        ("celadon cobalt", (("glaze", ("celadon",)), ("glaze", ("cobalt",)))),
        ("mug cel", (("glaze", ("celadon",)),)),
        ("cel mug", ()),
        ("ce", ()),
        ("pot", ()),
        ("oxblood", ()),
    ],
)
def test_words_mean_the_values_that_they_name(words: str, found: Criteria) -> None:
    assert meant(GLAZES, words) == found


def test_a_whole_word_means_no_value_that_it_only_begins() -> None:
    index = pots({"wood": ["Ash", "Red", "Redwood"]})

    assert meant(index, "red") == (("wood", ("red",)),)
    assert meant(index, "redw") == (("wood", ("redwood",)),)
    assert meant(index, "redw", is_beginning=False) == ()


def test_synonyms_mean_the_same_values() -> None:
    synonyms = {"green": "celadon", "sea pot": "cobalt", "rouge": "night blue"}

    assert meant(GLAZES, "green mug", synonyms) == (("glaze", ("celadon",)),)
    assert meant(GLAZES, "sea pot", synonyms) == (("glaze", ("cobalt",)),)
    assert meant(pots({"glaze": ["Night", "Night blue"]}), "rouge", synonyms) == (
        ("glaze", ("night-blue",)),
    )


def test_the_value_of_just_that_name_goes_before_others_with_the_word() -> None:
    index = pots({"glaze": ["Night blue", "Blue", "Milk"]}, {"glaze": ["Night blue", "Milk"]})

    assert meant(index, "blue mug") == (
        ("glaze", ("night-blue", "blue")), ("glaze", ("blue",)),
    )  # fmt: skip
    assert meant(index, "blue mug", product_id=2) == (("glaze", ("night-blue",)),)
    assert meant(index, "night blue") == (
        ("glaze", ("night-blue",)), ("glaze", ("night-blue", "blue")),
    )  # fmt: skip


def test_two_words_that_are_one_mean_its_value() -> None:
    index = pots({"glaze": ["Milk", "Seafoam"]})

    assert meant(index, "sea foam", joined="seafoam") == (("glaze", ("seafoam",)),)


def test_what_all_values_of_an_option_share_tells_nothing() -> None:
    index = pots({"size": ["3 cups", "6 cups"], "glaze": ["Celadon"]})

    assert meant(index, "celadon pot of cups") == ()
    assert meant(index, "6 cups") == (("size", ("6-cups",)),)


@pytest.mark.parametrize(
    "index",
    [
        pots({"glaze": ["Milk", "Cobalt"]}, title="Milk jug"),
        pots({"glaze": ["Milk", "Cobalt"]}, **{TYPE: "Milk jugs"}),
        pots({"glaze": ["Milk", "Cobalt"]}, **{VENDOR: "Cow & Milk"}),
    ],
)
def test_words_that_the_product_is_called_by_mean_no_value_of_it(index: FacetIndex) -> None:
    assert meant(index, "milk jug") == ()
    assert meant(index, "jug mil") == ()
    assert meant(index, "white jug", {"white": "milk"}) == ()
    assert meant(index, "cobalt milk jug") == (("glaze", ("cobalt",)),)


def test_what_an_address_chose_goes_before_words() -> None:
    meanings = by_words(GLAZES, question(read_terms("small celadon"), {}))
    chosen = Chosen({"glaze": ("cobalt",)})

    assert wanted_of(GLAZES, [1], meanings, chosen)[1] == Wanted(
        (("glaze", ("cobalt",)),), False, (("size", ("small",)),)
    )
    assert wanted_of(GLAZES, [1], meanings, Chosen(is_available=True))[1] == Wanted(
        (), True, (("size", ("small",)), ("glaze", ("celadon",)))
    )
    assert wanted_of(GLAZES, [1], [], chosen)[1] == chosen.wanted
    cheap = wanted_of(GLAZES, [1], meanings, Chosen(highest=3000))[1]
    assert cheap is not None
    assert (cheap.lowest, cheap.highest) == (None, 3000)
    assert wanted_of(GLAZES, [1], [], Chosen(highest=3000))[1] is None


def test_of_a_product_that_is_not_read_yet_nothing_is_meant() -> None:
    assert meant(GLAZES, "celadon", product_id=7) == ()


def asked_by(*conditions: tuple[About, Comparison, str]) -> Criteria:
    rule = Rule(tuple(Condition(*one) for one in conditions))
    wanted = wanted_of(GLAZES, [1], by_rule(GLAZES, rule))[1]
    return wanted.meant if wanted else ()


def test_a_rule_means_the_values_that_it_asks_for() -> None:
    assert asked_by((About.OPTION, Comparison.EQUALS, "celadon")) == (("glaze", ("celadon",)),)
    assert asked_by((About.OPTION, Comparison.CONTAINS, "ELAD")) == (("glaze", ("celadon",)),)
    assert asked_by((About.OPTION, Comparison.STARTS, "C")) == (("glaze", ("cobalt", "celadon")),)
    assert asked_by(
        (About.OPTION, Comparison.EQUALS, "Milk"), (About.OPTION, Comparison.EQUALS, "Large")
    ) == (("glaze", ("milk",)), ("size", ("large",)))


def test_a_rule_about_anything_else_means_no_variant() -> None:
    assert asked_by((About.OPTION, Comparison.NOT_EQUALS, "Celadon")) == ()
    assert asked_by((About.TAG, Comparison.EQUALS, "Celadon")) == ()
    assert asked_by((About.OPTION, Comparison.EQUALS, "Oxblood")) == ()
