"""The page on the model and the glossary hold what they promise."""

from __future__ import annotations

import re
from importlib import import_module
from pkgutil import iter_modules

import pytest

import zibo_sim.cli as commands
from zibo_sim.cli.group import cli
from zibo_sim.errors import Refused
from zibo_sim.guide.pages import find_terms, glossary_text, guide_text, terms
from zibo_sim.law import book
from zibo_sim.metrics import METRICS
from zibo_sim.scenario import known_keys


@pytest.mark.parametrize("term", terms(), ids=lambda term: term.id)
def test_a_term_stands_in_both_languages_and_points_at_something_that_exists(term) -> None:
    assert re.search("[\u4e00-\u9fff]", term.meaning["zh"])
    assert not re.search("[\u4e00-\u9fff]", term.meaning["en"])
    found = term.see in METRICS or term.see in known_keys() or not term.see
    assert found or book().find(term.see), term.see


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_counts_the_inputs_that_are_assumed(lang: str) -> None:
    assumed = sum(about["status"] == "assumed" for about in known_keys().values() if about)
    page = guide_text(lang)
    assert re.search(rf"\b{assumed}\b|{assumed}项", page)
    assert "{" not in page


def test_commands_named_on_the_page_exist() -> None:
    for module in iter_modules(commands.__path__, "zibo_sim.cli."):
        import_module(module.name)
    named = set(re.findall(r"`zibo-sim ([a-z-]+)", guide_text("en") + guide_text("zh")))
    assert named
    assert named <= set(cli.commands)


def test_a_term_is_found_by_any_part_of_either_name_and_an_unknown_one_is_refused() -> None:
    assert [t.id for t in find_terms("lead time")] == [t.id for t in find_terms("提前量")]
    assert "lead time / 提前量" in glossary_text(find_terms("lead_time"), "en")
    with pytest.raises(Refused, match="lead_time"):
        find_terms("lead_tme")
