"""Every address of the platform, what it can be asked, and everything that can be sent to it.

An address that is not here fails `test_addresses.py`: whoever adds one, adds it here, and it is
attacked like all others. Parameters and fields likewise: what a page's forms and links name and
this table does not is reported.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.urls import URLPattern, get_resolver, reverse

from letters.codes import spaced

from .city import EMAIL, NAME, PASSWORD, PHONE, World

TITLE, TEXT = "人民东路路灯晚上不亮请维修", "人民东路的三盏路灯已经一周不亮了，晚上行人很多，请尽快维修。"
OPINION = "情况属实，同意按程序办理。"


@dataclass(frozen=True)
class Address:
    """`args` makes the path's parts; `actor` may see it; `query` are its parameters."""

    name: str
    args: Callable[[World], tuple] = lambda world: ()
    actor: str = "anonymous"
    query: tuple[str, ...] = ()
    method: str = "get"

    def url(self, world: World) -> str:
        return reverse(self.name, args=self.args(world))


@dataclass(frozen=True)
class Form:
    """Something that can be sent, and by whom; `key` is what the tests call it."""

    key: str
    name: str
    data: Callable[[World], dict]
    args: Callable[[World], tuple] = lambda world: ()
    actor: str = "clerk"
    files: tuple[str, ...] = ()

    def url(self, world: World) -> str:
        return reverse(self.name, args=self.args(world))


def case(name: str) -> Callable[[World], tuple]:
    return lambda world: (world.letters[name].pk,)


def step(name: str, *more: str) -> Callable[[World], tuple]:
    return lambda world: (world.steps[name].pk, *more)


def reference(name: str) -> Callable[[World], tuple]:
    return lambda world: (world.letters[name].case.public_ref,)


ADDRESSES = [
    Address("portal:home"),
    Address("portal:view_mode", query=("mode", "next")),
    Address("letters:list", query=("q", "unit", "key")),
    Address("letters:new", query=("unit",)),
    Address("letters:done"),
    Address("letters:track"),
    Address("letters:end_tracking", method="post"),
    Address("letters:letter", reference("published")),
    Address("accounts:sign-in", query=("next",)),
    Address("accounts:sign-out", actor="clerk"),
    Address("accounts:password", actor="clerk", query=("next",)),
    Address("casework:todo", actor="clerk", query=("kind", "order", "late", "key", "export")),
    Address("casework:to_read", actor="clerk", query=("kind", "order", "late", "key", "export")),
    Address("casework:done", actor="clerk", query=("kind", "key", "export")),
    Address("casework:case", case("new"), "clerk"),
    Address("casework:deadlines", case("new"), "clerk"),
    Address("casework:chart", case("new"), "clerk"),
    Address("casework:urge", case("new"), "clerk", method="post"),
    Address("casework:step_file", lambda world: (world.letters["drafting"].pk, world.other.file), "clerk"),
    Address("casework:answer_urge", lambda world: (world.other.urge.pk,), "clerk", method="post"),
    Address("casework:take", step("new", "accept"), "clerk", method="post"),
    Address("casework:claim", step("new"), "clerk", method="post"),
    Address("casework:release", step("new"), "clerk", method="post"),
    Address("casework:adhoc", step("new", "forward"), "clerk", method="post"),
    Address("organization:capacity", actor="clerk", query=("next",)),
    Address("organization:delegations", actor="clerk"),
    Address(
        "organization:revoke-delegation",
        lambda world: (world.other.delegation.pk,),
        "clerk",
        method="post",
    ),
    Address("office_letters:list", actor="clerk", query=("state", "order", "q", "key", "export")),
    Address("office_letters:draft", step("drafting"), "drafter", method="post"),
    Address("office_letters:identity", case("new"), "clerk"),
    Address("office_letters:withdraw", case("published"), "reviewer"),
    Address("notices:inbox", actor="clerk", query=("show", "page")),
    Address("notices:bell", actor="clerk"),
    Address("notices:desktop", actor="clerk"),
    Address("notices:read_all", actor="clerk", method="post"),
    Address("notices:open", lambda world: (world.other.notice,), "clerk"),
    Address("notices:read", lambda world: (world.other.notice,), "clerk", method="post"),
    Address("supervision:overdue", actor="supervisor", query=("key", "export")),
    Address("supervision:pressing", actor="supervisor", query=("key", "export")),
    Address("supervision:urges", actor="supervisor", query=("key",)),
    Address("healthz"),
    Address("readyz"),
]


def _letter(world: World) -> dict:
    return {
        "unit": world.cast.unit("市城管局").pk,
        "title": TITLE,
        "text": TEXT,
        "name": NAME,
        "phone": PHONE,
        "email": EMAIL,
        "may_publish": "yes",
        "token": str(uuid.uuid4()),
    }


def _delegation(world: World) -> dict:
    return {
        "position": world.cast.positions["城管审核岗"].pk,
        "deputy": world.cast.people["覃芳"].pk,
        "from_date": "2036-01-01",
        "to_date": "2036-01-05",
        "kinds": "letters.letter",
        "reason": "出差",
    }


def _forward(world: World) -> dict:
    position = world.cast.positions["城管承办岗"].pk
    return {"forward-to": f"{position}:{world.people['excluded'].pk}", "forward-opinion": OPINION}


def _own_answer(world: World) -> dict:
    return {f"answer-{world.other.urge.pk}-answer": "已经安排维修。"}


FORMS = [
    Form("view", "portal:view_mode", lambda w: {"mode": "large", "next": "/letters/"}, actor="anonymous"),
    Form("letter", "letters:new", _letter, actor="anonymous"),
    Form(
        "track",
        "letters:track",
        lambda w: {"code": spaced(w.other.code), "phone": PHONE},
        actor="anonymous",
    ),
    Form(
        "sign in",
        "accounts:sign-in",
        lambda w: {"username": "liangmin", "password": PASSWORD, "next": "/office/done/"},
        actor="anonymous",
    ),
    Form(
        "password",
        "accounts:password",
        lambda w: {"old": PASSWORD, "new": "Another-Long-1", "again": "Another-Long-1", "next": "/office/"},
    ),
    Form("capacity", "organization:capacity", lambda w: {"capacity": "p1", "next": "/office/"}),
    Form("delegation", "organization:delegations", _delegation, actor="reviewer"),
    Form("read all", "notices:read_all", lambda w: {"up_to": w.other.notice, "show": "all"}),
    Form("read", "notices:read", lambda w: {"show": "all"}, lambda w: (w.other.notice,)),
    Form(
        "accept",
        "casework:take",
        lambda w: {"accept-opinion": OPINION, "accept-assign": ""},
        step("new", "accept"),
        files=("accept-files",),
    ),
    Form(
        "decline",
        "casework:take",
        lambda w: {"decline-opinion": "所反映事项属于法院受理范围，请依法起诉。"},
        step("new", "decline"),
        files=("decline-files",),
    ),
    Form(
        "submit",
        "casework:take",
        lambda w: {"submit-reply": TEXT, "submit-opinion": OPINION},
        step("drafting", "submit"),
        "drafter",
        files=("submit-files",),
    ),
    Form(
        "draft",
        "office_letters:draft",
        lambda w: {"submit-reply": TEXT, "submit-opinion": OPINION},
        step("drafting"),
        "drafter",
    ),
    Form(
        "pass",
        "casework:take",
        lambda w: {"pass-opinion": OPINION},
        step("review", "pass"),
        "reviewer",
        files=("pass-files",),
    ),
    Form(
        "publish",
        "casework:take",
        lambda w: {
            "publish-title": TITLE,
            "publish-text": TEXT,
            "publish-reply": TEXT,
            "publish-confirmed": "on",
            "publish-opinion": OPINION,
        },
        step("publishing", "publish"),
        "reviewer",
        files=("publish-files",),
    ),
    Form(
        "keep",
        "casework:take",
        lambda w: {"keep-opinion": OPINION},
        step("publishing", "keep"),
        "reviewer",
        files=("keep-files",),
    ),
    Form(
        "return",
        "casework:adhoc",
        lambda w: {"return-to_stage": "draft", "return-opinion": OPINION},
        step("review", "return"),
        "reviewer",
    ),
    Form("forward", "casework:adhoc", _forward, step("drafting", "forward"), "drafter"),
    Form(
        "add",
        "casework:adhoc",
        lambda w: {"add-to": w.cast.unit("市教育局").pk},
        step("new", "add"),
    ),
    Form("remove", "casework:adhoc", lambda w: {"remove": w.steps["new"].pk}, step("new", "remove")),
    Form("withdraw step", "casework:adhoc", lambda w: {}, step("new", "withdraw")),
    Form("claim", "casework:claim", lambda w: {}, step("new")),
    Form("release", "casework:release", lambda w: {}, step("drafting"), "drafter"),
    Form(
        "urge",
        "casework:urge",
        lambda w: {"urge-kind": "supervise", "urge-reason": "请抓紧办理。", "urge-token": "0123456789abcdef"},
        case("new"),
        "supervisor",
    ),
    Form("answer", "casework:answer_urge", _own_answer, lambda w: (w.other.urge.pk,)),
    Form("identity", "office_letters:identity", lambda w: {"reason": "需要电话核实地点。"}, case("new")),
    Form(
        "withdraw",
        "office_letters:withdraw",
        lambda w: {"reason": "内容需要再次核实后公开。"},
        case("published"),
        "reviewer",
    ),
    Form(
        "revoke",
        "organization:revoke-delegation",
        lambda w: {},
        lambda w: (w.other.delegation.pk,),
    ),
    Form("end tracking", "letters:end_tracking", lambda w: {}, actor="anonymous"),
    Form("sign out", "accounts:sign-out", lambda w: {}),
]


def every_pattern(resolver=None, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """All named addresses below `resolver`, with their full names."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name or '?'}", pattern
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from every_pattern(pattern, inner)
