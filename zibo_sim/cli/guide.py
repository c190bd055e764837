"""Commands that explain: the page on the model, and the glossary."""

from __future__ import annotations

import click

from zibo_sim.cli.group import cli
from zibo_sim.cli.options import language


@cli.command()
@language
def guide(lang: str) -> None:
    """Say how the model works and what it is not for 模型怎样运行，不能用来做什么."""
    from zibo_sim.guide.pages import guide_text

    click.echo(guide_text(lang), nl=False)


@cli.command()
@click.argument("term", default="")
@language
def glossary(term: str, lang: str) -> None:
    """Explain a term, or all of them 术语表.

    TERM is an id (lead_time) or any part of a name or meaning, in either language.
    """
    from zibo_sim.guide.pages import find_terms, glossary_text

    click.echo(glossary_text(find_terms(term), lang))
