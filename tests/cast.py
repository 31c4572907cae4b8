"""The cast of the tests: a small city with invented people, the same in every test.

城管局 receives letters; 梁敏 is its clerk, 陈刚 and 李娜 draft, 黄勇 and 覃芳 review, 庞洁 leads.
教育局 stands beside it with 钟伟 and 宁静. 牟军 supervises the whole city. 唐丽 is a citizen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.hashers import make_password

from yulin_gov.accounts.enums import UserKind
from yulin_gov.accounts.models import User
from yulin_gov.organization import actions
from yulin_gov.organization.capacity import Capacity, capacities_of
from yulin_gov.organization.models import Appointment, Position, Unit

PASSWORD = "Yulin-Test-2026"
_SINCE = date(2020, 1, 1)


@dataclass
class City:
    """Units and people by name; `as_("梁敏")` gives the capacity in which a person acts."""

    units: dict[str, Unit] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    positions: dict[str, Position] = field(default_factory=dict)

    def unit(self, name: str) -> Unit:
        return self.units[name]

    def as_(self, name: str, place: int = 0) -> Capacity:
        return capacities_of(self.people[name])[place]


# position: (unit, title, roles, people)
_POSITIONS = {
    "城管信访岗": ("市城管局", "信访岗", ["letter_clerk"], ["梁敏"]),
    "城管承办岗": ("市城管局", "承办岗", ["drafter"], ["陈刚", "李娜"]),
    "城管审核岗": ("市城管局", "审核岗", ["reviewer"], ["黄勇", "覃芳"]),
    "城管副局长": ("市城管局", "副局长", ["leader"], ["庞洁"]),
    "教育信访岗": ("市教育局", "信访岗", ["letter_clerk", "drafter"], ["钟伟"]),
    "教育副局长": ("市教育局", "副局长", ["leader", "reviewer"], ["宁静"]),
    "监察员": ("市政府", "监察员", ["supervisor"], ["牟军"]),
}
_USERNAMES = {
    "梁敏": "liangmin",
    "陈刚": "chengang",
    "李娜": "lina",
    "黄勇": "huangyong",
    "覃芳": "qinfang",
    "庞洁": "pangjie",
    "钟伟": "zhongwei",
    "宁静": "ningjing",
    "牟军": "moujun",
    "唐丽": "tangli",
}
_hash = ""


def build() -> City:
    """The cast in the current database; people and posts in sets, because hundreds of tests ask for it."""
    city = City()
    root = actions.create_unit("YL", name="玉林市人民政府", kind="government")
    facts = {"parent": root, "receives_letters": True, "exchanges_documents": True}
    city.units = {
        "市政府": root,
        "市城管局": actions.create_unit("YL-CG", name="玉林市城市管理局", short_name="市城管局", **facts),
        "市教育局": actions.create_unit("YL-JY", name="玉林市教育局", short_name="市教育局", **facts),
    }
    city.people = {name: _person(name, username) for name, username in _USERNAMES.items()}
    User.objects.bulk_create(city.people.values())
    city.positions = {
        key: Position(unit=city.units[unit], title=title, roles=roles)
        for key, (unit, title, roles, _) in _POSITIONS.items()
    }
    Position.objects.bulk_create(city.positions.values())
    Appointment.objects.bulk_create(
        Appointment(person=city.people[name], position=city.positions[key], from_date=_SINCE)
        for key, (_, _, _, people) in _POSITIONS.items()
        for name in people
    )
    actions.add_supervision(city.positions["监察员"], unit=root)
    return city


def _person(name: str, username: str) -> User:
    kind = UserKind.CITIZEN if name == "唐丽" else UserKind.STAFF
    return User(username=username, full_name=name, kind=kind, password=_password_hash())


def _password_hash() -> str:
    """Hashing is slow on purpose; once is enough."""
    global _hash
    _hash = _hash or make_password(PASSWORD)
    return _hash
