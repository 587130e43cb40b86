"""What is not article: the marks of the five seeds exactly, and prose that only sounds like it."""

from itertools import pairwise
from pathlib import Path

import pytest

from index.boilerplate import mark_boilerplate
from index.metadata import find_metadata

SEEDS = Path(__file__).resolve().parent.parent / "seeds"

SEED_MARKS = {
    "000_3674be5a3ad3e9b7.txt": [],
    "001_963e728015908ae9.txt": [
        ("photo credit", "(Photograph: Kevin Wolf/AP)"),
        ("particulars", "Source: El Financiero"),
    ],
    "002_526864c1977376da.txt": [
        (
            "repeated caption",
            "Fentanyl pills, methamphetamine and other drugs seized in Tempe, Arizona, on February 23.",
        ),
        (
            "repeated title",
            "Cooperation in the drug war between the US and Mexico is at its lowest point in decades. What went wrong?",
        ),
        ("comment form", "Leave a Reply"),
        ("comment form", "Your email address will not be published. Required fields are marked *"),
        ("navigation", "Scroll to top"),
    ],
    "003_8a99acc19320498a.txt": [
        ("particulars", "This is owned by Latin Post."),
        ("particulars", "Written by: Bert Hoover"),
        ("video prompt", "WATCH: U.S. and Mexico Weigh Agreement on Fentanyl and Guns - From NBC News"),
        ("newsletter prompt", "Subscribe to Latin Post!"),
        ("newsletter prompt", "Sign up for our free newsletter for the Latest coverage!"),
    ],
    "004_0b48a0dffb7c3058.txt": [
        ("photo credit", "Photo: Twitter"),
        ("photo credit", "Photo: Jin Liangkuai / Xinhua"),
        ("photo credit", "Photo by Sgt Gordon Hyde / US Army"),
        ("photo credit", "Photo: AFP Forum"),
    ],
}


def marked(text: str) -> list[tuple[str, str]]:
    """(rule, words) of every mark."""
    return [(mark.rule, text[mark.start : mark.end]) for mark in mark_boilerplate(text, find_metadata(text))]


@pytest.mark.parametrize("name", sorted(SEED_MARKS))
def test_the_marks_of_each_seed_are_exactly_its_page_furniture(name: str) -> None:
    with (SEEDS / name).open(encoding="utf-8", newline="") as file:
        assert marked(file.read()) == SEED_MARKS[name]


def test_every_seed_is_in_the_table() -> None:
    assert sorted(SEED_MARKS) == sorted(path.name for path in SEEDS.glob("*.txt"))


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("Leave a comment", "comment form"),
        ("3 comments", "comment form"),
        ("Skip to main content", "navigation"),
        ("Read more »", "navigation"),
        ("ADVERTISEMENT", "navigation"),
        ("Sign up for our newsletter", "newsletter prompt"),
        ("Subscribe to The Post", "newsletter prompt"),
        ("Register now, and get the best of the week in your inbox.", "newsletter prompt"),
        ("Follow us on Twitter, Facebook and on Instagram!", "social prompt"),
        ("We use cookies to understand the traffic on our pages.", "cookie notice"),
        ("Copyright 2024 The Post", "copyright line"),
        ("Already a subscriber? Log in", "newsletter prompt"),
        ("Follow us on Twitter", "social prompt"),
        ("Share on Facebook", "social prompt"),
        ("This website uses cookies to improve your experience.", "cookie notice"),
        ("Accept all cookies", "cookie notice"),
        ("© 2024 The Post. All rights reserved.", "copyright line"),
        ("All rights reserved.", "copyright line"),
        ("Watch: The river rises", "video prompt"),
        ("Read more: Ten bridges that could go next", "navigation"),
        ("Related stories: The mill that burned", "navigation"),
        ("Comments (2)", "comment form"),
        ('![The river in spring](river.jpg "The river")', "picture"),
        ("Continued on page 7", "navigation"),
        ("Do you have an opinion on the issues raised in this article? Write to us.", "navigation"),
        ("Subscribe now for €1 a month.", "newsletter prompt"),
        ("This article is for subscribers only. Subscribe now for €1 a month.", "newsletter prompt"),
        ("Sent from my iPhone", "mail signature"),
        ("<!-- TODO: ask the mayor -->", "hidden comment"),
        ("(Reporting by Ann Lee and Bo Ek; Editing by Cy Dee)", "agency note"),
        ("Additional reporting by Ann Lee in Oslo; writing by Bo Ek", "agency note"),
        ("(Adds details, background)", "agency note"),
    ],
)
def test_page_furniture_is_marked_as_a_whole_line(line: str, rule: str) -> None:
    text = f"The river rose by two metres.\r\n  {line}\t\r\nNobody was hurt."
    assert marked(text) == [(rule, line)]


@pytest.mark.parametrize(
    "prose",
    [
        "Follow us on this journey, she said, and you will see.",
        "“Follow us on Twitter,” she said.",
        "He asked her to leave a reply on the table.",
        "Subscribers left the paper in droves.",
        "Watch the river, he said.",
        "Register to vote by Monday.",
        "Subscribe to that view, he said, and you are lost.",
        "Sign up for the army, the posters said.",
        "Find us on the left bank.",
        "(c) 2000 people were moved to the school.",
        "Article continues to be a word of grammar.",
        "We use cookies in the second recipe of the book.",
        "Like us, the neighbours waited.",
        "Share prices fell.",
        "The comments were few.",
        "Copyright law is old.",
        "Sign up sheets were handed out.",
        "Join us on Saturday, the mayor wrote, and bring a shovel.",
        "Read more books, the teacher told them.",
        "Advertisement spending fell by a third.",
        "A photo by itself proves nothing.",
        "Image: a word with many meanings. It comes from Latin.",
        "The river rose. She took a photo by the bridge, and another one by the mill. Then it fell.",
        "Most read it twice.",
        "This site uses water from the river.",
        "12 comments were read aloud.",
        "Read more on Sundays: that was his advice.",
        "Reporting by Reuters showed that the river rose.",
        "Editing by hand takes time; writing by hand takes more.",
        "(Writing by hand takes time.)",
        "This article is about the river.",
        "Sent from my island to the front, he wrote home every day.",
        "A photo by J. Doe of the bridge. It fell in May.",
    ],
)
def test_prose_that_sounds_like_page_furniture_is_article(prose: str) -> None:
    assert marked(f"The river rose by two metres.\n\n{prose}\n\nNobody was hurt.") == []


def test_a_photo_credit_ends_a_line_and_leaves_the_caption() -> None:
    text = "The river at night. Photo: Ann Lee/AP\nThe bridge (Image by Bo Ek)\nThe mill. Photo: J. R. Ames\n"
    credits_of = ["Photo: Ann Lee/AP", "(Image by Bo Ek)", "Photo: J. R. Ames"]
    assert marked(text) == [("photo credit", words) for words in credits_of]


def test_a_caption_is_marked_where_the_line_below_repeats_it_with_a_credit() -> None:
    text = "The river at the old bridge.\nThe river at the old bridge. Ann Lee via AP\n"
    assert marked(text) == [("repeated caption", "The river at the old bridge.")]


def test_a_line_said_twice_is_article_twice() -> None:
    assert marked("The river rose and the river fell.\n\nNobody was hurt.\nNobody was hurt.\n") == []


def test_marks_are_sorted_and_apart() -> None:
    text = "\n".join(["River news", "", "The river rose.", "Share", "River news", "By Ann Lee", "Tweet", ""] * 3)
    marks = mark_boilerplate(text, find_metadata(text))
    assert len(marks) == 14
    assert all(before.end <= after.start for before, after in pairwise(marks))


def test_a_text_without_a_line_has_no_marks() -> None:
    assert marked("") == marked(" \n\n ") == []
