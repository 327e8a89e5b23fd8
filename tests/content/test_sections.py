from __future__ import annotations

from shop.content.sections import Section, split


def test_a_text_is_parted_at_its_second_level_headings() -> None:
    text = "Before.\n\n## How big?\n\nSo big.\n\n### C\n\nBig.\n\n## [Cobalt](/c) *blue* ##\nDeep."

    assert split(text) == (
        "Before.",
        [
            Section("How big?", "So big.\n\n### C\n\nBig."),
            Section("Cobalt blue", "Deep."),
        ],
    )


def test_headings_inside_code_are_no_headings() -> None:
    intro, sections = split("```\n## no\n```\n\n## yes\n~~~\n## no\n~~~")

    assert intro == "```\n## no\n```"
    assert sections == [Section("yes", "~~~\n## no\n~~~")]


def test_nothing_is_an_intro_of_nothing() -> None:
    assert split("") == ("", [])
