"""What makes a pure function a rule: its case-file name, checked inputs, one kind of refusal."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from datetime import date, datetime
from fractions import Fraction
from typing import Annotated, Any

import numpy as np
from pydantic import (
    AllowInfNan,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
    validate_call,
)

from zibo_sim.errors import from_pydantic

Rule = Callable[..., dict[str, Any]]

#: Every rule by the name case files use; filled by the decorator below.
RULES: dict[str, Rule] = {}


def exact(value: float) -> Fraction:
    """Return the number a float is written as, so that edges hold: 0.155 is 155/1000."""
    return Fraction(str(value))


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _day(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date()
    return date.fromisoformat(value) if isinstance(value, str) else value


def _instant(value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


Number = Annotated[float, BeforeValidator(_plain), Strict(), AllowInfNan(False)]
NonNegative = Annotated[Number, Field(ge=0)]
Positive = Annotated[Number, Field(gt=0)]
Whole = Annotated[int, BeforeValidator(_plain), Strict()]
Count = Annotated[Whole, Field(ge=0)]
YesNo = Annotated[bool, BeforeValidator(_plain), Strict()]
Day = Annotated[date, BeforeValidator(_day), Strict()]
Instant = Annotated[datetime, BeforeValidator(_instant), Strict()]


class RuleInput(BaseModel):
    """A nested input of a rule: frozen, and closed to keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def rule(name: str) -> Callable[[Rule], Rule]:
    """Register a pure function as the rule `name` and check its inputs before it runs.

    A rule is called with keywords, returns a dict, and takes the law as its keyword ``law``.
    Inputs that do not fit raise `zibo_sim.errors.Refused` with every fault.
    """

    def register(function: Rule) -> Rule:
        checked = validate_call(config=ConfigDict(arbitrary_types_allowed=True))(function)
        names = [p for p in inspect.signature(function).parameters if p != "law"]

        @functools.wraps(function)
        def call(**inputs: Any) -> dict[str, Any]:
            try:
                return checked(**inputs)
            except ValidationError as error:
                raise from_pydantic(error, names, where=name) from None

        RULES[name] = call
        return call

    return register
