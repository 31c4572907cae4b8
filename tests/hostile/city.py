"""One city with letters in every state, and everybody who might come to a door of it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from types import SimpleNamespace

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import ClientHandler
from django.utils import timezone

from letters import actions as letters
from letters.models import Letter
from tests import cast
from tests.letters import factories
from yulin_gov.accounts.actions import create_user
from yulin_gov.accounts.models import User
from yulin_gov.casework.actions import answer_urge, claim_step, urge_case
from yulin_gov.casework.models import CaseExclusion, CaseUnit, Step, StepFile, Urge
from yulin_gov.files.actions import store_upload
from yulin_gov.notices.delivery import expand_notices
from yulin_gov.notices.models import NoticeDelivery
from yulin_gov.organization.actions import (
    add_supervision,
    appoint,
    create_division,
    create_position,
    create_unit,
    delegate,
    end_appointment,
)
from yulin_gov.organization.capacity import citizen
from yulin_gov.organization.models import Delegation
from yulin_gov.search.segmentation import warm

PASSWORD = "Hostile-Test-2026"
# Nobody else in the tests has these: wherever they turn up, this is where they came from.
NAME, PHONE, EMAIL = "欧阳小苹", "13977512868", "ouyang.xiaoping@example.com"
SECRETS = (NAME, PHONE, EMAIL)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"

_addresses = itertools.count(1)


def fresh_address() -> str:
    """An address nobody has used yet: limits on tries are kept in Redis, beyond a test's rollback."""
    return f"2001:db8:{_run:x}::{next(_addresses):x}"


@cache
def _handler() -> ClientHandler:
    return ClientHandler(enforce_csrf_checks=False)


_run = int(timezone.now().timestamp()) % 0xFFFF


@dataclass(eq=False)
class World:
    cast: cast.City
    people: dict[str, User] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    letters: dict[str, Letter] = field(default_factory=dict)
    steps: dict[str, Step] = field(default_factory=dict)
    other: SimpleNamespace = field(default_factory=SimpleNamespace)

    def client(self, actor: str = "anonymous", **kwargs) -> Client:
        """A new browser in which `actor` is signed in."""
        client = Client(raise_request_exception=False, REMOTE_ADDR=fresh_address(), **kwargs)
        if not client.handler.enforce_csrf_checks:
            client.handler = _handler()  # loading the middleware takes longer than a request
        if actor in self.sessions:
            client.cookies["sessionid"] = self.sessions[actor]
        return client

    def sign_in(self, actor: str, user: User, *, capacity: str = "") -> None:
        client = Client()
        client.force_login(user)
        if capacity:
            session = client.session
            session["capacity"] = capacity
            session.save()
        self.people[actor] = user
        self.sessions[actor] = client.cookies["sessionid"].value


def build() -> World:
    warm()
    city = cast.build()
    world = World(city)
    _people(world)
    _letters(world)
    expand_notices()
    entries = NoticeDelivery.objects.filter(user=world.people["clerk"], channel="inbox")
    world.other.notice = entries.first().pk
    return world


def _people(world: World) -> None:
    city, office = world.cast, world.cast.unit("市城管局")
    known = {
        "citizen": "唐丽",
        "clerk": "梁敏",
        "drafter": "陈刚",
        "reviewer": "黄勇",
        "leader": "庞洁",
        "other": "钟伟",
        "supervisor": "牟军",
        "excluded": "李娜",
    }
    for actor, name in known.items():
        world.sign_in(actor, city.people[name])

    def staff(actor: str, name: str, unit, title: str, **position) -> User:
        person = create_user(f"hostile-{actor}", full_name=name, kind="staff", password_hash="!")
        place = create_position(unit, title=title, **position)
        appoint(person, place, from_date=date(2020, 1, 1))
        world.sign_in(actor, person)
        world.other.__dict__[f"{actor}_position"] = place
        return person

    former = staff("former", "前某某", office, "信访岗二", roles=["letter_clerk"])
    end_appointment(former.appointments.get(), on=timezone.localdate() - timedelta(days=1))
    deputy = staff("deputy", "代某某", office, "门卫")
    until = timezone.now() + timedelta(days=3)
    delegation = delegate(
        city.positions["城管信访岗"], principal=city.people["梁敏"], deputy=deputy, to_at=until
    )
    world.sign_in("deputy", deputy, capacity=f"d{delegation.pk}")
    world.other.delegation = Delegation.objects.get(pk=delegation.pk)
    staff("outside", "区监察员", city.unit("市教育局"), "监察员", roles=["supervisor"])
    add_supervision(world.other.outside_position, unit=city.unit("市教育局"))
    for kind in ("system", "security", "audit"):
        staff(kind, f"{kind}管理员", city.unit("市政府"), f"{kind}管理员", administrator=kind)
    world.other.housing = create_unit("YL-ZJ", name="玉林市住房和城乡建设局", parent=city.unit("市政府"))
    staff("barred_unit", "韦某某", world.other.housing, "负责人", roles=["head"])
    world.other.division = create_division(office, name="办公室")


def _letters(world: World) -> None:
    city, said = world.cast, {"name": NAME, "phone": PHONE, "email": EMAIL}
    draft = factories.draft(city, **said)
    new, world.other.code = letters.submit_letter(
        draft, by=citizen(world.people["citizen"]), idempotency_key="hostile-new"
    )
    drafting = factories.sent(city, **said)
    files = [store_upload(SimpleUploadedFile("a.pdf", PDF), by_id=None, purpose="casework.step")]
    letters.accept_letter(factories.step_of(drafting), by=city.as_("梁敏"), files=files)
    claim_step(factories.step_of(drafting), by=city.as_("陈刚"))
    review = factories.drafted(city, **said)
    publishing = factories.replied(city, **said)
    published = factories.published(city, **said)
    withdrawn = factories.published(city, **said)
    letters.withdraw_publication(withdrawn, by=city.as_("黄勇"), reason="内容需要再次核实后公开。")
    for name, letter in {
        "new": new,
        "drafting": drafting,
        "review": review,
        "publishing": publishing,
        "published": published,
        "withdrawn": withdrawn,
    }.items():
        world.letters[name] = letter
        world.steps[name] = Step.objects.filter(case=letter.pk).order_by("closed_at", "pk").last()
        CaseExclusion.objects.create(case=letter.case, person=city.people["李娜"], reason="回避")
        # It takes part, and is excluded all the same.
        case = letter.case
        CaseUnit.objects.create(
            case=case, unit=world.other.housing, part="reader", kind=case.kind, sort_at=case.opened_at
        )
        CaseExclusion.objects.create(case=case, unit=world.other.housing, reason="回避")
    for name in ("new", "drafting", "review", "publishing"):
        world.steps[name] = factories.step_of(world.letters[name])
    world.other.file = StepFile.objects.get(step__case=drafting.pk).file_id
    for case, key in ((new.case, "hostile-1"), (drafting.case, "hostile-2")):
        urge_case(case, by=city.as_("牟军"), kind="supervise", reason="请抓紧办理。", idempotency_key=key)
    world.other.urge = Urge.objects.get(case=new.pk)
    answer_urge(Urge.objects.get(case=drafting.pk), by=city.as_("陈刚"), answer="正在办理。")
