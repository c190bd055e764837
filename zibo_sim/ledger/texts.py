"""The three texts of the ledger: consultation opinions, the notices, the summary."""

from __future__ import annotations

import math
from collections.abc import Iterator

from zibo_sim.air.stretches import LEVELS
from zibo_sim.law import Law
from zibo_sim.ledger.findings import findings
from zibo_sim.ledger.measures import ADVOCACY, KINDS, measures
from zibo_sim.ledger.record import Act, AlertRecord
from zibo_sim.ledger.said import day, hour, moment, number, numeral, said, who
from zibo_sim.words import listed

_LIFTED = "lifted"


class Writer:
    """Writes the texts of one alert.

    Parameters
    ----------
    record : AlertRecord
    lang : {"zh", "en"}
    mark : list of str
        Lines at the head of every document.
    """

    def __init__(self, record: AlertRecord, lang: str, mark: list[str]) -> None:
        self.record, self.lang, self.mark, self.law = record, lang, mark, record.law

    def say(self, key: str, **filled: object) -> str:
        """Return a text in the writer's language."""
        return said(key, self.lang, **filled)

    def level(self, level: str) -> str:
        """Return a level's colour."""
        return self.say(f"colour.{level}")

    def act(self, act: Act) -> str:
        """Say what an act is."""
        return self.say(f"act.{act.kind}", level=self.level(act.level),
                        before=self.level(act.before))  # fmt: skip

    def response(self, level: str) -> str:
        """Return the response of a level: Ⅲ级."""
        return str(self.law(f"alert.response.level.{level}"))

    def about(self, act: Act) -> dict[str, object]:
        """Return what the texts of an act are filled with."""
        record = self.record
        return {
            "level": self.level(act.level),
            "before": self.level(act.before),
            "onset": hour(record.onset, self.lang),
            "time": moment(act.done, self.lang),
            "hours": self.law("alert.lift.hours"),
            "response": self.response(act.level),
            "clause": self.law.clause(f"alert.{act.level}.days"),
            "act": self.act(act),
            "signer": who(act.signer, self.lang),
            "report": self.law("alert.report.hour"),
            "due": day(record.summaries_due, self.lang) if record.summaries_due else "",
        }

    def page(self, title: str, lines: Iterator[str]) -> str:
        """Return a whole text."""
        return "\n".join([*self.mark, "", title, "", *lines, ""])

    # ---- consultations -------------------------------------------------------------------

    def opinion(self) -> str:
        """145号 四(二): what was seen and advised before each act."""
        return self.page(self.say("opinion.title"), self._opinions())

    def _opinions(self) -> Iterator[str]:
        record = self.record
        yield self.say("opinion.intro")
        for n, act in enumerate(record.acts, 1):
            kind = self.say(f"consultation.{act.consultation}") if act.consultation else ""
            time = moment(act.reported, self.lang)
            yield ""
            yield self.say("opinion.heading", number=numeral(n, self.lang), time=time, kind=kind)
            yield from self._seen(act)
            by_region = act.kind == "published" and act.consultation == "regional"
            key = "published_regional" if by_region else act.kind
            yield self.say(f"opinion.{key}", **self.about(act))
            yield self.say("opinion.reported", time=time)
        yield ""
        kinds = [
            self.say(f"consultation.{kind}") + self.say("common.count", value=count)
            for kind, count in record.consultations.items()
        ]
        total = sum(record.consultations.values())
        yield self.say("opinion.held", total=total, kinds=listed(kinds, self.lang))

    def _seen(self, act: Act) -> Iterator[str]:
        view, limit = act.view, self.law("alert.aqi.start")
        known = math.isfinite(view.last_24h)
        key = "opinion.observed" if known else "opinion.observed_none"
        yield self.say(key, aqi=number(view.last_24h))
        if act.regional:
            key = "opinion.regional" if act.regional != LEVELS[0] else "opinion.regional_over"
            yield self.say(key, level=self.level(act.regional))
        if view.issued is None:
            yield self.say("opinion.forecast_none")
            return
        yield self.say("opinion.forecast", issued=hour(view.issued, self.lang))
        for start, aqi, pm25 in view.blocks:
            over = self.say(f"opinion.{'over' if aqi > limit else 'under'}", limit=limit)
            if math.isfinite(aqi):
                yield self.say("opinion.block", start=hour(start, self.lang), aqi=number(aqi),
                               pm25=number(pm25), over=over)  # fmt: skip

    # ---- notices -------------------------------------------------------------------------

    def notice(self) -> str:
        """145号 四(三), 四(四): the text of every notice, one after another."""
        texts = []
        for act in self.record.acts:
            title = self.say(f"notice.title_{act.kind}", **self.about(act))
            texts.append("\n".join([title, "", *self._notice(act)]))
        rule = "\n\n" + "-" * 40 + "\n\n"
        return "\n".join([*self.mark, "", rule.join(texts), ""])

    def _notice(self, act: Act) -> Iterator[str]:
        about = self.about(act)
        if act.kind == "published":
            key = "ahead" if self.record.onset > act.done else "running"
            yield self.say(f"notice.{'regional' if act.consultation == 'regional' else key}",
                           **about)  # fmt: skip
        else:
            yield self.say(f"notice.{act.kind}", **about)
        if act.kind != _LIFTED:
            yield self.say("notice.decided", **about)
            yield from self._measures(act.level)
            yield from self._explained()
            yield self.say("notice.until")
            yield from self._channels()
        else:
            yield self.say("notice.by_media")
        yield ""
        yield self.say("notice.seal")
        yield day(act.done, self.lang)

    def _measures(self, level: str) -> Iterator[str]:
        found = measures(level, self.law)
        for kind in KINDS:
            yield self.say(f"notice.{kind}")
            for n, measure in enumerate((m for m in found if m.kind == kind), 1):
                own = kind == ADVOCACY and bool(measure.demand)
                yield self.say(
                    "notice.item", number=numeral(n, self.lang), name=measure.entry.name["en"],
                    quote=measure.demand if own else measure.entry.quote, clause=measure.clause,
                )  # fmt: skip

    def _channels(self) -> Iterator[str]:
        """145号 四(六): who carries the notice, and how."""
        english = {e.name["zh"]: e.name["en"] for e in self.law.find("alert.media")}
        carried = [
            self.say("notice.channel", name=name, mode=mode)
            if self.lang == "zh"
            else english.get(name, name)
            for name, mode, _ in self.record.channels
        ]
        if carried:
            channels = self.say("common.semicolon").join(carried)
            yield self.say("notice.channels", channels=channels)

    def _explained(self) -> Iterator[str]:
        causes = [self.say(f"cause.{cause}") for cause in self.record.causes]
        yield self.say("notice.explain")
        if causes:
            yield self.say("notice.causes", causes=listed(causes, self.lang))
        else:
            yield self.say("notice.no_causes")

    # ---- the summary ---------------------------------------------------------------------

    def summary(self) -> str:
        """145号 六(一), 六(三): what was done, what it brought, what went wrong, what to do."""
        return self.page(self.say("summary.title"), self._summary())

    def _summary(self) -> Iterator[str]:
        parts = (
            ("issue", self._issue()), ("response", self._response()),
            ("measures", self._carried_out()), ("effect", self._effect()),
            ("problems", self._problems("problem")), ("advice", self._problems("suggestion")),
        )  # fmt: skip
        for key, lines in parts:
            yield self.say(f"summary.{key}")
            yield from lines
        yield ""
        yield self.say("summary.end")

    def _issue(self) -> Iterator[str]:
        record, first = self.record, self.record.acts[0]
        yield self.say(
            "summary.issued", published=moment(first.done, self.lang),
            level=self.level(first.level), timing=self.say(f"timing.{first.timing}"),
            onset=hour(record.onset, self.lang),
            lead=self.say(f"common.{'ahead' if record.lead_h >= 0 else 'behind'}",
                          value=number(abs(record.lead_h))),
        )  # fmt: skip
        for act in record.acts[1:]:
            if act.kind != _LIFTED:
                time = moment(act.done, self.lang)
                yield self.say("summary.changed", time=time, act=self.act(act))
        if record.regional:
            yield self.say("summary.regional", level=self.level(record.regional))
        if record.lifted is None:
            yield self.say("common.not_lifted")
        else:
            yield self.say("summary.lifted", time=moment(record.lifted, self.lang),
                           hours=number(_hours(record)))  # fmt: skip

    def _response(self) -> Iterator[str]:
        record = self.record
        for stage in record.stages:
            yield self.say(
                "summary.stage", begin=hour(stage.begin, self.lang), end=hour(stage.end, self.lang),
                response=self.response(stage.level), level=self.level(stage.level),
                compliance=f"{100 * stage.compliance:.0f}%",
            )  # fmt: skip
        if not record.stages:
            yield self.say("summary.no_stage")
        late = [d.name for d in record.districts if d.late]
        yield self.say(
            "summary.reports", hour=self.law("alert.report.hour"),
            count=sum(d.reports for d in record.districts),
            late=sum(d.late for d in record.districts), who=self._who(late),
        )  # fmt: skip
        if record.summaries_due is not None:
            late = [d.name for d in record.districts if d.summary_late]
            yield self.say(
                "summary.summaries", days=self.law("alert.summary.working_days"),
                due=day(record.summaries_due, self.lang),
                count=sum(d.summarised is not None for d in record.districts),
                late=len(late), who=self._who(late),
            )  # fmt: skip

    def _who(self, names: list[str]) -> str:
        known = [who(name, self.lang) for name in names]
        return self.say("summary.who", names=listed(known, self.lang)) if names else ""

    def _shares(self, key: str, percents: dict[str, float], digits: int) -> str:
        said_of = [
            self.say(key, pollutant=self.say(f"pollutant.{p}"), percent=number(value, digits))
            for p, value in percents.items()
        ]
        return listed(said_of, self.lang)

    def _carried_out(self) -> Iterator[str]:
        for stage in {stage.level: stage for stage in self.record.stages}.values():
            asked = demanded(stage.level, self.law)
            yield self.say(
                "summary.accounted", level=self.level(stage.level),
                percents=self._shares("summary.share", stage.percent, 1),
                met=self.say(f"summary.{'met' if stage.met else 'unmet'}"),
                demands=self._shares("summary.demand", asked, 0),
                both=number(self.law("alert.cut.trade") * (asked["so2"] + asked["nox"]) / 2, 0),
            )  # fmt: skip
        cut = {p: 100 * share for p, share in self.record.air.cut.items()}
        if cut:
            lost = sum(stage.lost_yuan for stage in self.record.stages)
            yield self.say("summary.realised", percents=self._shares("summary.demand", cut, 1),
                           lost=number(lost / 1e8, 2))  # fmt: skip

    def _effect(self) -> Iterator[str]:
        air, limit = self.record.air, self.law("alert.aqi.heavy")
        yield self.say("summary.air", limit=limit, hours=air.hours_over,
                       peak=number(air.peak_24h), pm25=number(air.peak_pm25, 0))  # fmt: skip
        if not math.isfinite(air.mean_no_measures):
            yield self.say("summary.effect_unknown")
            return
        fall = air.mean_no_measures - air.mean_pm25
        yield self.say(
            "summary.effect_on", mean=number(air.mean_pm25), without=number(air.mean_no_measures),
            fall=number(fall), percent=number(100 * fall / air.mean_no_measures), limit=limit,
            hours=air.hours_over_no_measures,
        )  # fmt: skip

    def _problems(self, group: str) -> Iterator[str]:
        found = findings(self.record)
        for n, (key, filled) in enumerate(found.items(), 1):
            if "level" in filled:
                filled = filled | {"level": self.level(str(filled["level"]))}
            yield f"{n}. {self.say(f'{group}.{key}', **filled)}"
        if not found:
            yield self.say("summary.none" if group == "problem" else "summary.advice_none")


def demanded(level: str, law: Law) -> dict[str, float]:
    """145号 五(三): the cuts a level demands, per cent by pollutant."""
    return {p: 100 * law(f"alert.cut.{level}.{p}") for p in ("so2", "nox", "pm", "voc")}


def _hours(record: AlertRecord) -> float:
    if record.lifted is None:
        return math.nan
    return (record.lifted - record.published).total_seconds() / 3600


def mark(title: str, seed: int, replication: int, lang: str) -> list[str]:
    """Return the lines that keep a document from being taken for a real one."""
    about = {"seed": seed, "replication": replication}
    return [
        said("mark.simulated", lang),
        said("mark.run", lang, scenario=printable(title), **about),
    ]


def printable(text: str) -> str:
    """Return a user's text without control characters."""
    return "".join(c if c.isprintable() else " " for c in text)
