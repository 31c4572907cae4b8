"""Demo letters in every state, hand-written, told again through the domain functions."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from letters import actions
from letters.enums import KIND
from yulin_gov.accounts.models import User
from yulin_gov.casework.actions import answer_urge, claim_step, return_step, urge_case
from yulin_gov.casework.enums import Origin, UrgeKind
from yulin_gov.casework.models import Case, Step
from yulin_gov.organization.capacity import Capacity, capacities_of
from yulin_gov.organization.models import Appointment, Unit
from yulin_gov.organization.queries import appointed_in
from yulin_gov.workdays.calendar import Calendar, current_calendar

from .stories import Deed, Story, read_stories

CITIZEN = "citizen"  # the demo account of whoever writes with one


def seed(report: Callable[[str], object]) -> None:
    """Write the demo letters that are missing, oldest first; needs the demo city."""
    now, calendar = timezone.now(), current_calendar()
    stories = sorted(read_stories(), key=lambda story: story.received_at(now, calendar))
    told = set(Case.objects.filter(kind=KIND, origin=Origin.DEMO).values_list("idempotency_key", flat=True))
    new = [story for story in stories if _key(story) not in told]
    if new:
        cast = Cast({story.unit for story in new})
        for number, story in enumerate(new, start=1):
            tell(story, cast=cast, now=now, calendar=calendar)
            if number % 20 == 0:
                report(f"群众来信：已写入{number}封，共{len(new)}封")
    report(f"群众来信：新增{len(new)}封，共{len(stories)}封")


def _key(story: Story) -> str:
    return f"demo-{story.key}"


class Cast:
    """Who plays whom: the people of the units concerned, the supervisor, the citizen."""

    def __init__(self, codes: set[str]) -> None:
        self.units = Unit.objects.filter(code__in=codes).in_bulk(field_name="code")
        people = appointed_in([unit.pk for unit in self.units.values()])
        self._people: dict[str, list[Appointment]] = {}
        for appointment in people:
            self._people.setdefault(appointment.position.unit.code, []).append(appointment)
        self.citizen = User.objects.get(username=CITIZEN)
        self.supervisor = next(
            capacity
            for capacity in capacities_of(User.objects.get(username="supervisor"))
            if capacity.has_role("supervisor")
        )

    def of(self, story: Story, role: str) -> Capacity:
        """Whoever holds `role` in the story's unit, in its division where somebody does."""
        holders = [row for row in self._people[story.unit] if role in row.position.roles]
        own = [
            row for row in holders if row.position.division and row.position.division.name == story.division
        ]
        appointment = (own or holders)[0]
        position = appointment.position
        return Capacity(
            user=appointment.person,
            unit=position.unit,
            position=position,
            roles=frozenset(position.roles),
        )


@transaction.atomic
def tell(story: Story, *, cast: Cast, now: datetime, calendar: Calendar) -> Case:
    """Write one letter and let its story happen at its own times.

    A letter nobody touched yet is announced like a live one, so that its reminders can be watched.
    """
    draft = actions.LetterDraft(
        unit=cast.units[story.unit],
        title=story.title,
        text=story.text,
        name=story.writer.name,
        phone=story.writer.phone,
        may_publish=story.publish,
        origin=Origin.DEMO,
        at=story.received_at(now, calendar),
        loud=not story.story,
    )
    by = Capacity(user=cast.citizen) if story.writer.account else None
    letter, _ = actions.submit_letter(draft, idempotency_key=_key(story), by=by)
    for deed in story.story:
        _DEEDS[deed.do](letter.case, story, deed, cast, story.done_at(deed, now, calendar))
    if story.draft and not story.reply:
        _keep_draft(letter.case, story, cast)
    return letter.case


def _open(case: Case) -> Step:
    return Step.objects.get(case=case, closed_at=None)


def _accept(case: Case, story: Story, deed: Deed, cast: Cast, at: datetime) -> None:
    actions.accept_letter(_open(case), by=cast.of(story, "letter_clerk"), opinion=deed.text, at=at)


def _decline(case: Case, story: Story, deed: Deed, cast: Cast, at: datetime) -> None:
    actions.decline_letter(_open(case), by=cast.of(story, "letter_clerk"), opinion=deed.text, at=at)


def _claim(case: Case, story: Story, deed: Deed, cast: Cast, at: datetime) -> None:
    claim_step(_open(case), by=cast.of(story, "drafter"))


def _keep_draft(case: Case, story: Story, cast: Cast) -> None:
    actions.save_draft(_open(case), by=cast.of(story, "drafter"), reply=story.draft)


def _submit(case: Case, story: Story, deed: Deed, cast: Cast, at: datetime) -> None:
    reply = story.reply or story.draft
    actions.submit_reply(_open(case), by=cast.of(story, "drafter"), reply=reply, opinion=deed.text, at=at)


def _return(case: Case, story: Story, deed: Deed, cast: Cast, at: datetime) -> None:
    return_step(_open(case), by=cast.of(story, "reviewer"), to_stage="draft", opinion=deed.text)


def _pass(case: Case, story: Story, deed: Deed, cast: Cast, at: datetime) -> None:
    actions.pass_review(_open(case), by=cast.of(story, "reviewer"), opinion=deed.text, at=at)


def _sign(case: Case, story: Story, deed: Deed, cast: Cast, at: datetime) -> None:
    actions.reply_to_letter(_open(case), by=cast.of(story, "leader"), opinion=deed.text, at=at)


def _publish(case: Case, story: Story, deed: Deed, cast: Cast, at: datetime) -> None:
    actions.publish_letter(
        _open(case),
        by=cast.of(story, "reviewer"),
        title=story.title,
        text=story.public_text or story.text,
        reply=story.public_reply or story.reply,
        confirmed=True,
        opinion=deed.text,
        at=at,
    )


def _urge(case: Case, story: Story, deed: Deed, cast: Cast, at: datetime) -> None:
    urge_case(case, by=cast.supervisor, reason=deed.text, kind=UrgeKind.SUPERVISE, at=at)


def _answer(case: Case, story: Story, deed: Deed, cast: Cast, at: datetime) -> None:
    urge = case.urges.get(answered_at=None)
    answer_urge(urge, by=cast.of(story, "drafter"), answer=deed.text, at=at)


_DEEDS = {
    "accept": _accept,
    "decline": _decline,
    "claim": _claim,
    "draft": _submit,
    "return_draft": _return,
    "approve": _pass,
    "sign": _sign,
    "publish": _publish,
    "urge": _urge,
    "answer_urge": _answer,
}
