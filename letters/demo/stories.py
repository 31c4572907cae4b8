"""The demo letters as data: the `.toml` files beside this one, in the order of their names.

A `[[letter]]` has

- `key`: unique and lasting; the letter is written once under it
- `unit`: code of the department; `division`: whose people handle it, else the first with the role
- `title`, `text`, `writer` (`name`, `phone`, perhaps `account = true` for the citizen's account),
  `publish`: the writer's consent
- `received`: `workdays_ago` and `at` (HH:MM), or `minutes_ago` for one that just came in
- `reply`: the answer as sent; `draft`: what lies on the desk where none was sent yet
- `public_text`, `public_reply`: the redacted copy where it differs
- `state`: where the story ends, for the tests
- `story`: what was done: `do`, `day` (working days after it was received), `at`, `text` (opinion,
  reason, urging text or its answer). `claim` and `return_draft` can only happen now, and so
  stand last.
"""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.utils import timezone

from yulin_gov.workdays.calendar import Calendar

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Writer:
    name: str
    phone: str
    account: bool = False


@dataclass(frozen=True)
class Deed:
    """One thing somebody did with a letter."""

    do: str
    day: int
    at: str
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Story:
    """One demo letter and what became of it."""

    key: str
    unit: str
    title: str
    text: str
    writer: Writer
    publish: bool
    received: dict
    state: str
    story: list[Deed]
    division: str = ""
    reply: str = ""
    draft: str = ""
    public_text: str = ""
    public_reply: str = ""

    def received_at(self, now: datetime, calendar: Calendar) -> datetime:
        """The moment it came in, aware; always before `now`."""
        if "minutes_ago" in self.received:
            return now - timedelta(minutes=self.received["minutes_ago"])
        return _moment(self._day(now, calendar), self.received["at"])

    def done_at(self, deed: Deed, now: datetime, calendar: Calendar) -> datetime:
        """The moment of `deed`, aware; before today, since no story outruns its letter's age."""
        return _moment(calendar.add_workdays(self._day(now, calendar), deed.day), deed.at)

    def _day(self, now: datetime, calendar: Calendar) -> date:
        return calendar.add_workdays(timezone.localdate(now), -self.received["workdays_ago"])


def _moment(day: date, at: str) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.fromisoformat(at)))


def read_stories() -> list[Story]:
    """Every demo letter. Raises TypeError for a key nobody knows."""
    return [
        _story(letter)
        for path in sorted(_HERE.glob("*.toml"))
        for letter in tomllib.loads(path.read_text(encoding="utf-8"))["letter"]
    ]


def _story(letter: dict) -> Story:
    given = {name: value.strip() if isinstance(value, str) else value for name, value in letter.items()}
    given["writer"] = Writer(**given["writer"])
    given["story"] = [Deed(**deed) for deed in given["story"]]
    return Story(**given)
