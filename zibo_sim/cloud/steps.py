"""The steps of a request: the clause behind each, and the clocks that begin with them."""

from __future__ import annotations

from zibo_sim.cloud import clocks

#: The stages of a request, and all desks that are staffed.
STAGES = ("completeness", "assessment", "acceptance", "audit", "provisioning")
DESKS = ("prereview", *STAGES)

#: Which entry of the law book commands or allows each step of a request.
CLAUSES = {
    "prereview_asked": "cloud.prereview",
    "prereview_approved": "cloud.prereview",
    "prereview_declined": "cloud.prereview",
    "exception_asked": "cloud.exempt.application",
    "exception_granted": "cloud.exempt.application",
    "exception_denied": "cloud.exempt.application",
    "submitted": "cloud.apply",
    "out_of_scope": "cloud.scope",
    "exempt": "cloud.exempt.grade",
    "returned": "cloud.assess",
    "resubmitted": "cloud.apply",
    "assessed": "cloud.assess",
    "accepted": "cloud.accept.days",
    "refused": "cloud.refuse.reasons",
    "opinion": "cloud.opinion.days",
    "test_from": "cloud.test.days",
    "extended": "cloud.test_extension",
    "test_ends": "cloud.test_period.days",
    "live": "cloud.live.support",
    "filed": "cloud.filing.months",
    "changed": "cloud.change_execution",
    "exited": "cloud.change_execution",
}
#: Where a request is submitted under another clause than that of new systems.
SUBMITTED = {
    "change": "cloud.change",
    "exit": "cloud.change",
    "migration": "cloud.migrate",
    "district": "cloud.districts.merge",
}
#: The clock that begins with a step; the next step of the request stops it.
LIMITS = {
    "assessed": ("accept", clocks.accept_by),
    "accepted": ("opinion", clocks.opinion_by),
    "opinion": ("test", clocks.test_by),
    "live": ("filing", clocks.filing_by),
}
