"""What a newcomer finds with help(): every public name documented, with an example that runs."""

from __future__ import annotations

import inspect
import pydoc
import re
from collections.abc import Callable
from functools import cached_property
from typing import Any

import pytest

import zibo_sim as zs
from zibo_sim import plots
from zibo_sim.clock import Clock, WorkingCalendar, working_calendar
from zibo_sim.errors import Refused
from zibo_sim.law import Entry, Law, book
from zibo_sim.metrics import METRICS, Metric
from zibo_sim.rulebook import said
from zibo_sim.streams import Streams
from zibo_sim.widgets.whatif import WhatIf

#: Names that are no function or class: a module with a page of its own, a table, a mapping.
TABLES = {"plot", "PICTURES", "rules"}
PUBLIC = {f"zs.{name}": getattr(zs, name) for name in zs.__all__ if name not in TABLES}
PUBLIC |= {f"plot.{n}": getattr(plots, n) for n in plots.__all__ if n not in TABLES}
PUBLIC |= {f"rules[{name}]": rule for name, rule in zs.rules.items()}
PUBLIC |= {
    one.__name__: one
    for one in (Clock, Entry, Law, Metric, Streams, WorkingCalendar, working_calendar)
}
CLASSES = {name: one for name, one in PUBLIC.items() if inspect.isclass(one)}
#: Methods of the dashboard are shown in one example, of the class.
SHOWN_IN_CLASS = (WhatIf,)
#: Properties and methods whose example is that of the class or of a function beside them.
SHOWN_BESIDE = {
    "zs.Explanation.run", "zs.Frontier.sources", "zs.Study.keys", "zs.Study.rows", "zs.Study.runs",
    "zs.Study.to_toml", "zs.Study.trajectories", "plot.Picture.title", "plot.Picture.size",
    "Clock.days", "Clock.hours", "Clock.midnight", "Entry.clause",
}  # fmt: skip


def members(owner: type) -> dict[str, Any]:
    """Return what users call of a class: its own functions and properties, ``__call__`` too."""
    found = {}
    fields = getattr(owner, "__dataclass_fields__", {})
    for name, one in vars(owner).items():
        one = one.fget if isinstance(one, property) else one
        one = one.func if isinstance(one, cached_property) else one
        validator = "decorator_info" in dir(one)
        shown = name == "__call__" or (name[0] != "_" and name not in fields)
        if inspect.isfunction(one) and shown and not validator:
            found[name] = one
    return found


METHODS = {
    f"{name}.{key}": one for name, owner in CLASSES.items() for key, one in members(owner).items()
}


def sections(text: str) -> dict[str, str]:
    """Split a docstring at its underlined headings; the empty name is what stands above them."""
    parts = re.split(r"^(\w[\w ]*)\n-{3,}\n", text, flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def documented(text: str) -> set[str]:
    """Return the names that the Parameters and Attributes of a docstring describe."""
    heads = re.findall(r"^(\*{0,2}\w+(?:, \*{0,2}\w+)*)(?: : .*)?$", text, flags=re.MULTILINE)
    return {name.lstrip("*") for head in heads for name in head.split(", ")}


def parameters(one: Callable[..., Any]) -> list[str]:
    return [name for name in inspect.signature(one).parameters if name not in ("self", "cls")]


def faults(one: Any, needs_example: bool = True) -> list[str]:
    """Say what the documentation of a function or class lacks."""
    doc = inspect.getdoc(one) or ""
    parts = sections(doc)
    known = documented(parts.get("Parameters", "") + "\n" + parts.get("Attributes", ""))
    lacking = [name for name in parameters(one) if name not in known]
    found = [f"says nothing of {name}" for name in lacking]
    if not parts[""].strip():
        found.append("has no summary")
    if needs_example and ">>> " not in parts.get("Examples", ""):
        found.append("has no example")
    order = [name for name in parts if name in ("Parameters", "Returns", "Raises", "Examples")]
    if order != [n for n in ("Parameters", "Returns", "Raises", "Examples") if n in order]:
        found.append(f"has its sections in the order {order}")
    return found


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_says_what_goes_in_and_shows_an_example(name: str) -> None:
    one = PUBLIC[name]
    no_arguments = inspect.isclass(one) and one.__init__ is Exception.__init__
    assert not ([] if no_arguments else faults(one)), inspect.getdoc(one)
    assert ">>> " in (inspect.getdoc(one) or "")


@pytest.mark.parametrize("name", METHODS)
def test_a_method_says_what_goes_in_and_shows_an_example(name: str) -> None:
    owner = CLASSES[name.rpartition(".")[0]]
    needs_example = owner not in SHOWN_IN_CLASS and name not in SHOWN_BESIDE
    if owner in SHOWN_IN_CLASS:
        assert inspect.getdoc(METHODS[name])
    else:
        assert not faults(METHODS[name], needs_example)


def test_no_name_is_excused_that_does_not_need_it() -> None:
    assert set(METHODS) >= SHOWN_BESIDE
    assert not [n for n in SHOWN_BESIDE if ">>> " in (inspect.getdoc(METHODS[n]) or "")]


def test_what_is_missing_is_found() -> None:
    def bare(key: str, *rest: int, **more: int) -> None: ...

    def half(key: str, lang: str) -> None:
        """Say it.

        Parameters
        ----------
        key : str

        Raises
        ------
        Refused

        Returns
        -------
        str
        """

    def whole(key: str, *rest: int) -> None:
        """Say it.

        Parameters
        ----------
        key, *rest : str

        Examples
        --------
        >>> 1
        1
        """

    wanted = ["key", "rest", "more"]
    lacks = ["has no summary", "has no example"]
    assert faults(bare) == [*(f"says nothing of {n}" for n in wanted), *lacks]
    assert [fault.split()[0:2] for fault in faults(half)] == [
        ["says", "nothing"], ["has", "no"], ["has", "its"]
    ]  # fmt: skip
    assert not faults(whole)


# ---- the pages that lead on ------------------------------------------------------------------


def listed(page: str) -> dict[str, str]:
    """Return the names that an indented list gives, each with its line."""
    rows = re.findall(r"^    (\w+) {2,}(\S.*)$", page, flags=re.MULTILINE)
    return dict(rows)


def test_help_lists_every_public_name_once_with_a_line() -> None:
    assert sorted(listed(zs.__doc__)) == sorted(zs.__all__)
    assert sorted(listed(plots.__doc__)) == sorted(plots.__all__)


@pytest.mark.parametrize("page", [zs.__doc__, plots.__doc__])
def test_what_the_list_says_a_class_has_it_has(page: str) -> None:
    home = zs if page is zs.__doc__ else plots
    for name, line in listed(page).items():
        one = getattr(home, name)
        for member in re.findall(r"(?<!\w)\.([a-z_]\w*)", line if inspect.isclass(one) else ""):
            fields = {*dir(one), *getattr(one, "__dataclass_fields__", {})}
            assert member in fields, f"{name}.{member}"


@pytest.mark.parametrize(
    "said_there", ["zibo-sim guide", "zibo-sim glossary", "zs.compare(", "METRICS"]
)
def test_help_leads_on(said_there: str) -> None:
    assert said_there in zs.__doc__


def test_dir_is_complete() -> None:
    assert dir(zs) == sorted(zs.__all__)
    assert dir(plots) == sorted(plots.__all__)
    assert all(getattr(zs, name) is not None for name in dir(zs))


# ---- rules -----------------------------------------------------------------------------------


def test_the_rules_show_their_names_and_clauses() -> None:
    shown = repr(zs.rules)
    for name, rule in zs.rules.items():
        assert re.search(rf"^{re.escape(name)} +{re.escape(said(rule))}$", shown, re.MULTILINE)


@pytest.mark.parametrize("name", zs.rules)
def test_help_of_a_rule_opens_with_a_clause_the_law_book_has(name: str) -> None:
    cited = said(zs.rules[name]).partition(":")[0]
    first = re.split(r"[,–]|(?<=\d)①", cited)[0].split("(三)(四)")[0]
    assert book().find(first), first
    assert cited in pydoc.render_doc(zs.rules[name], renderer=pydoc.plaintext)


def test_help_of_the_rules_is_of_the_mapping_and_not_of_its_class() -> None:
    page = pydoc.render_doc(zs.rules, renderer=pydoc.plaintext)
    assert 'help(rules["heating.bill"])' in page
    assert "air.season_targets" in page
    assert "__getitem__" not in page


def test_an_unknown_rule_is_refused_with_the_nearest() -> None:
    with pytest.raises(Refused, match=r"unknown rule 'heating.bil'; did you mean 'heating.bill'"):
        zs.rules["heating.bil"]
    with pytest.raises(KeyError):
        zs.rules["heating.bil"]
    assert "heating.bil" not in zs.rules
    assert zs.rules.get("heating.bil") is None


def test_the_rules_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        zs.rules["heating.bill"] = lambda: {}  # type: ignore[index]


# ---- metrics ---------------------------------------------------------------------------------


def chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_says_its_unit_name_and_formula_in_both_languages(name: str) -> None:
    metric = METRICS[name]
    assert metric.unit
    assert chinese(metric.zh)
    assert metric.en
    assert not chinese(metric.en)
    zh, en = metric.formula_in("zh"), metric.formula_in("en")
    assert chinese(zh)
    assert en
    assert not chinese(en)
    assert metric.formula == f"{zh} / {en}"


#: Articles of 147号 that formulas cite, as either language writes them.
ARTICLES = {"3": "三", "4": "四", "7": "七", "22": "二十二", "27": "二十七", "29": "二十九"}


@pytest.mark.parametrize("name", METRICS)
def test_both_formulas_name_the_same_inputs_articles_and_numbers(name: str) -> None:
    zh, en = (METRICS[name].formula_in(lang) for lang in ("zh", "en"))
    dotted = re.findall(r"[a-z]+(?:\.[a-z0-9_]+)+", en)
    assert dotted == re.findall(r"[a-z]+(?:\.[a-z0-9_]+)+", zh)
    assert all(_there(key) for key in dotted)
    cited = [ARTICLES[number] for number in re.findall(r"Article (\d+)", en)]
    assert cited == re.findall(r"第([一-龥]+?)条", zh)
    numbers = re.findall(r"\d+(?:\.\d+)?", re.sub(r"Article \d+", "", en))
    assert set(numbers) <= set(re.findall(r"\d+(?:\.\d+)?", zh))


def _there(key: str) -> bool:
    if key in METRICS:
        return True
    return zs.load().get(key) is not None
