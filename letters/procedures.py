"""The city's default procedures for letters, as data. Units may publish their own versions."""

from yulin_gov.casework.enums import Adhoc
from yulin_gov.casework.procedures import HOLDER, Alert, ClockRule, Procedure, Route, Stage, Term

from .enums import KIND

IMPORTED = "letters.imported"
PROMISED_WORKDAYS = 15

_BASIS = "《玉林市群众来信办理规定（演示）》第九条"
# A reminder goes up the ladder as time runs out: handler, then clerk, then leader.
_PROMISED_ALERTS = (
    Alert(-3),
    Alert(-1, (HOLDER, "letter_clerk")),
    Alert(0, (HOLDER, "letter_clerk")),
    Alert(1, (HOLDER, "letter_clerk", "leader")),
)

DEFAULT = Procedure(
    title="群众来信办理流程",
    start="accept",
    stages=(
        Stage(
            "accept",
            "受理",
            "letter_clerk",
            (
                Route("accept", "受理", to="draft"),
                Route("decline", "不予受理", closes_as="declined", requires=("opinion",)),
            ),
            term=Term(3),
            alerts=(Alert(-1), Alert(0, (HOLDER, "leader"))),
            adhoc=(Adhoc.FORWARD, Adhoc.WITHDRAW),
        ),
        Stage(
            "draft",
            "承办拟稿",
            "drafter",
            (Route("submit", "提交审核", to="review"),),
            adhoc=(Adhoc.FORWARD, Adhoc.RETURN, Adhoc.WITHDRAW),
        ),
        Stage(
            "review",
            "审核",
            "reviewer",
            (Route("pass", "审核通过", to="approve"),),
            adhoc=(Adhoc.RETURN, Adhoc.WITHDRAW),
            differs_from=("draft",),
        ),
        Stage(
            "approve",
            "签发答复",
            "leader",
            (
                Route("reply", "签发并答复", to="publish", when="consented"),
                Route("reply", "签发并答复", closes_as="replied", when="!consented"),
            ),
            adhoc=(Adhoc.RETURN,),
            differs_from=("draft",),
        ),
        Stage(
            "publish",
            "公开审核",
            "reviewer",
            (
                Route("publish", "公开", closes_as="published"),
                Route("keep", "不公开", closes_as="replied", requires=("opinion",)),
            ),
            term=Term(5),
            alerts=(Alert(-1), Alert(0)),
            differs_from=("draft",),
        ),
    ),
    clocks=(
        ClockRule(
            "promised",
            "答复时限",
            Term(PROMISED_WORKDAYS),
            legal_basis=_BASIS,
            stops_on=("reply", "decline"),
            alerts=_PROMISED_ALERTS,
        ),
    ),
)


def imported(term: int) -> Procedure:
    """How letters were handled elsewhere: received, accepted, answered within `term` working days."""
    return Procedure(
        title="历史来信导入流程",
        start="accept",
        stages=(
            Stage("accept", "受理", "letter_clerk", (Route("accept", "受理", to="answer"),)),
            Stage("answer", "答复", "drafter", (Route("reply", "答复", closes_as="replied"),)),
        ),
        clocks=(ClockRule("promised", "答复时限", Term(term), stops_on=("reply",)),),
    )


def publish_default_procedures() -> None:
    """Publish what is not published yet; the same definition again changes nothing."""
    from yulin_gov.casework.actions import publish_procedure

    publish_procedure(KIND, DEFAULT)


def publish_after_migrate(sender, using: str = "default", **kwargs) -> None:
    """`post_migrate` receiver; passes over a database whose casework is not migrated (to zero, say)."""
    from django.db import connections

    from yulin_gov.casework.models import ProcedureVersion

    if ProcedureVersion._meta.db_table in connections[using].introspection.table_names():
        publish_default_procedures()
