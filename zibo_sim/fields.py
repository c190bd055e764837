"""Frozen inputs whose every field says its unit, its status and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

Status = Literal["statutory", "standard", "literature", "calibrated", "assumed"]
STATUSES: tuple[str, ...] = get_args(Status)


class Parameters(BaseModel):
    """A group of inputs: frozen, strict, and closed to keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def parameter(
    default: Any,
    *,
    unit: str,
    status: Status,
    source: str,
    zh: str,
    en: str,
    **limits: Any,
) -> Any:
    """Declare one input.

    Parameters
    ----------
    default
        Its value where a scenario says nothing.
    unit : str
        ``"1"`` for a pure number or a share of one.
    status : {"statutory", "standard", "literature", "calibrated", "assumed"}
    source : str
        Where the value comes from, or why it was assumed.
    zh, en : str
        What it is, in one line of Chinese and one of English.
    **limits
        ``ge``, ``gt``, ``le``, ``lt`` as pydantic knows them.
    """
    about: dict[str, Any] = {"unit": unit, "status": status, "source": source, "zh": zh, "en": en}
    return Field(default, description=en, json_schema_extra=about, **limits)


def assumed(default: Any, unit: str, source: str, zh: str, en: str, **limits: Any) -> Any:
    """Declare an input that nothing but judgement stands behind."""
    return parameter(default, unit=unit, status="assumed", source=source, zh=zh, en=en, **limits)


def about(info: FieldInfo) -> dict[str, str]:
    """Return unit, status, source and the two descriptions of a declared input."""
    extra = info.json_schema_extra
    return {k: str(v) for k, v in extra.items()} if isinstance(extra, dict) else {}


def leaves(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Yield the dotted name and declaration of every input below `model`, groups unfolded."""
    for name, info in model.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from leaves(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", info


class FrozenDict(dict[str, Any]):
    """A dict that refuses to change: what a frozen input holds by name."""

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise TypeError("an input is frozen; use Scenario.replace to vary it")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[type[FrozenDict], tuple[dict[str, Any]]]:
        return FrozenDict, (dict(self),)
