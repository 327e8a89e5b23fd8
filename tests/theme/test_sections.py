from __future__ import annotations

from shop.theme.sections import (
    KINDS,
    FeaturedCollection,
    Hero,
    Promise,
    Promises,
    Section,
    SectionPicture,
    Text,
    default_sections,
    moved,
    new_id,
    read_sections,
    replaced,
    write_sections,
)


def ids(sections: list[Section]) -> list[str]:
    return [section.id for section in sections]


def some() -> list[Section]:
    return [Text(id="a"), Text(id="b"), Text(id="c")]


def test_sections_come_back_as_they_were_stored() -> None:
    sections = [
        Hero(id="a", heading="Pots", picture=SectionPicture(file="p-1", width=8, height=10)),
        Promises(id="b", items=(Promise(title="Whole", icon="box"),)),
        FeaturedCollection(id="c", collection="table", is_hidden=True),
        *default_sections(),
    ]

    assert read_sections(write_sections(sections)) == sections


def test_what_this_version_does_not_know_is_left_out() -> None:
    stored = [{"type": "carousel", "id": "x"}, {"type": "text", "id": "y", "wings": 2}, "nonsense"]

    assert ids(read_sections(stored)) == ["y"]


def test_a_section_moves_one_place_and_stays_at_the_ends() -> None:
    assert ids(moved(some(), "b", -1)) == ["b", "a", "c"]
    assert ids(moved(some(), "b", 1)) == ["a", "c", "b"]
    assert ids(moved(some(), "a", -1)) == ["a", "b", "c"]
    assert ids(moved(some(), "c", 1)) == ["a", "b", "c"]


def test_a_change_keeps_the_others() -> None:
    changed = replaced(some(), Text(id="b", heading="New"))

    assert [section.heading for section in changed] == ["", "New", ""]


def test_ids_are_new() -> None:
    taken = {new_id(()) for _ in range(50)}

    assert len(taken) == 50
    assert new_id(taken) not in taken


def test_every_kind_has_a_name() -> None:
    assert set(KINDS) == {
        "hero", "swatches", "newest", "collection", "collections", "promises", "story", "text",
        "questions", "journal",
    }  # fmt: skip


def test_text_on_a_pictures_ground_is_dark_or_light() -> None:
    night = SectionPicture(file="p", width=1, height=1, ground="#1E5A48")
    day = SectionPicture(file="p", width=1, height=1, ground="#F4A98E")

    assert (night.is_dark, day.is_dark) == (True, False)
