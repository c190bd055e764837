"""What the rules of 139号 refuse of a row, in Chinese; the rules themselves say it in English."""

from __future__ import annotations

import re
from collections.abc import Mapping

from zibo_sim.heating.customers_file import KINDS, USES

_WORDS: Mapping[str, str] = {word: zh[0] for word, zh in {**KINDS, **USES}.items()}
_CHINESE = tuple(
    (re.compile(english, re.DOTALL), chinese)
    for english, chinese in (
        (r"a heated (\w+) charged by meter needs its reading", "按计量收费的采暖{}须填热量表读数"),
        (
            r"premises stand in a residential bill only where they are let",
            "居民账单中的“房屋”只能是出租的",
        ),
        (r"'(\w+)' has no place in (\w+) use; allowed: .*", "“{}”不属于“{}”用途"),
        (
            r"spaces: a residential bill is for one dwelling, .*"
            r"\(got (\d+) flat, (\d+) duplex_lower, (\d+) duplex_upper\)",
            "一张居民账单只含一套住宅：一个普通住宅，或复式上、下层各一"
            "（现有普通住宅{}、复式下层{}、复式上层{}）",
        ),
        (r"unemployed_to (\S+) stands without unemployed_from", "有失业金截止日期 {} 而无起始日期"),
        (
            r"unemployed_to (\S+) lies before unemployed_from (\S+)",
            "失业金截止日期 {} 早于起始日期 {}",
        ),
        (
            r"district: unknown district '(.*?)'; did you mean '(.*?)'\?.*",
            "没有“{}”这个区县，是否为“{}”？",
        ),
        (r"district: unknown district '(.*?)'; allowed: (.*)", "没有“{}”这个区县，应为：{}"),
    )
)


def chinese(fault: str) -> str:
    """Return what a rule refused in Chinese; a sentence that is not known stays as it is."""
    for english, said in _CHINESE:
        if found := english.fullmatch(fault):
            return said.format(*(_WORDS.get(part, part) for part in found.groups()))
    return fault
