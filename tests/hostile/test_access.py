"""Who may come to which door. The table was reviewed line by line; a new address needs its line."""

import re
from itertools import cycle

import pytest
from django.db import transaction

from .addresses import ADDRESSES, Address, case, every_pattern, reference, step
from .test_codes import without_values

# The columns: whoever might come.
#   clerk, drafter, reviewer, leader: 市城管局, which handles the letters · deputy: for the clerk
#   other: the clerk of 市教育局 · former: had a post until yesterday · outside: supervises 市教育局 only
#   excluded: a drafter of 市城管局, and barred_unit: the head of a unit that takes part; both are
#   excluded from the letters
ACTORS = [
    "anonymous",
    "citizen",
    "clerk",
    "drafter",
    "reviewer",
    "leader",
    "deputy",
    "supervisor",
    "other",
    "former",
    "outside",
    "excluded",
    "barred_unit",
    "system",
    "security",
    "audit",
]
# The answers: ok 200 · go: done, and on to somewhere · in: sign in first · say: refused with a
# sentence on the page (422) · and 403, 404, 410 as they are.
PUBLIC = "ok ok ok ok ok ok ok ok  ok ok ok ok ok ok ok ok"
GOES = "go go go go go go go go  go go go go go go go go"
OFFICE = "in 403 ok ok ok ok ok ok  ok 403 ok ok ok ok ok ok"
THEIRS = "in 403 ok ok ok ok ok ok  404 403 404 404 404 404 404 404"
SAID = "in 403 say say say say say say  404 403 404 404 404 404 404 404"
DONE_OR_SAID = "in 403 go go go go go go  404 403 404 404 404 404 404 404"
CLERKS_OWN = "in 403 go 404 404 404 404 404  404 403 404 404 404 404 404 404"
SUPERVISORS = "in 403 403 403 403 403 403 ok  403 403 ok 403 403 403 403 403"

_INSIDE = ("anonymous", "citizen", "clerk", "deputy", "former", "audit")
_STRANGERS = (
    "anonymous",
    "citizen",
    "clerk",
    "other",
    "former",
    "outside",
    "excluded",
    "barred_unit",
    "system",
)
EDGES = dict.fromkeys((PUBLIC, GOES, OFFICE), _INSIDE) | dict.fromkeys(
    (THEIRS, SAID, DONE_OR_SAID), _STRANGERS
)
WHOLE = {"portal:home", "casework:todo", "office_letters:list", "notices:inbox", "casework:case"}

TABLE = {
    "portal:home": PUBLIC,
    "portal:view_mode": PUBLIC,
    "letters:list": PUBLIC,
    "letters:new": PUBLIC,
    "letters:done": GOES,  # nothing was sent: to the form
    "letters:track": PUBLIC,
    "letters:end_tracking": GOES,
    "letters:letter": PUBLIC,
    "accounts:sign-in": "ok go go go go go go go  go go go go go go go go",
    "accounts:sign-out": PUBLIC,
    "accounts:password": "in ok ok ok ok ok ok ok  ok ok ok ok ok ok ok ok",
    "casework:todo": OFFICE,
    "casework:to_read": OFFICE,
    "casework:done": OFFICE,
    "casework:case": THEIRS,
    "casework:deadlines": THEIRS,
    "casework:chart": THEIRS,
    "casework:urge": SAID,
    "casework:step_file": THEIRS,
    "casework:answer_urge": SAID,
    "casework:take": "in 403 go say say say go say  404 403 404 404 404 404 404 404",
    "casework:claim": DONE_OR_SAID,
    "casework:release": DONE_OR_SAID,
    "casework:adhoc": SAID,
    "organization:capacity": OFFICE,
    "organization:delegations": OFFICE,
    "organization:revoke-delegation": CLERKS_OWN,
    "office_letters:list": OFFICE,
    "office_letters:draft": "in 403 say go say say say say  404 403 404 404 404 404 404 404",
    "office_letters:identity": THEIRS,
    "office_letters:withdraw": THEIRS,
    "notices:inbox": OFFICE,
    "notices:bell": OFFICE,
    "notices:desktop": OFFICE,
    "notices:read_all": "in 403 go go go go go go  go 403 go go go go go go",
    "notices:open": CLERKS_OWN,
    "notices:read": CLERKS_OWN,
    "supervision:overdue": SUPERVISORS,
    "supervision:pressing": SUPERVISORS,
    "supervision:urges": SUPERVISORS,
    "healthz": PUBLIC,
    "readyz": PUBLIC,
}
BESIDE = [
    (Address("letters:letter", reference("withdrawn")), " ".join(["410"] * 16)),
    # Whoever may see the letter inside sees no more of it outside.
    (Address("letters:letter", reference("new")), " ".join(["404"] * 16)),
    (Address("casework:case", case("publishing")), THEIRS),
    (Address("casework:case", case("published")), THEIRS),
    (
        Address("office_letters:withdraw", case("new")),
        " ".join(["in", "403", *["404"] * 7, "403", *["404"] * 6]),
    ),
    (
        Address("casework:take", step("publishing", "publish"), method="post"),
        "in 403 say say say say say say  404 403 404 404 404 404 404 404",
    ),
]


def answer(response) -> str:
    if response.status_code == 302:
        return "in" if response["Location"].startswith("/accounts/sign-in/") else "go"
    return {200: "ok", 422: "say"}.get(response.status_code, str(response.status_code))


def ask(world, actor: str, method: str, url: str):
    with transaction.atomic():
        response = getattr(world.client(actor), method)(url)
        transaction.set_rollback(True)
    return response


ROWS = [(address, TABLE.get(address.name, "")) for address in ADDRESSES] + BESIDE


@pytest.mark.parametrize(("address", "expected"), ROWS, ids=lambda v: getattr(v, "name", None))
def test_who_may_come(world, address, expected):
    url, row = address.url(world), dict(zip(ACTORS, expected.split(), strict=True))
    # Where everybody of a kind gets the same, by the same gate, some of them are enough.
    whole = address in ADDRESSES and (address.name in WHOLE or expected not in EDGES)
    asking = ACTORS if whole else EDGES.get(expected, (*_STRANGERS, "reviewer"))
    answers = {actor: answer(ask(world, actor, address.method, url)) for actor in asking}
    assert answers == {actor: row[actor] for actor in asking}


# -- the administrators' site -------------------------------------------------------------

# (table, who looks, who adds, who changes)
ADMINISTERED = {
    "organization/unit": ("system security", "system", "system"),
    "organization/unitname": ("system audit", "", ""),
    "organization/division": ("system security", "system", "system"),
    "organization/position": ("system security", "system", "system security"),
    "organization/appointment": ("security audit", "security", "security"),
    "organization/delegation": ("security audit", "", ""),
    "organization/supervisionscope": ("security audit", "security", ""),
    "accounts/user": ("security", "security", "security"),
    "accounts/auditevent": ("audit", "", ""),
    "workdays/specialday": ("system audit", "system", "system"),
    "workdays/calendaryear": ("system audit", "system", "system"),
    "workdays/calendarrevision": ("system audit", "", ""),
    "notices/noticedelivery": ("system", "", ""),
    "casework/case": ("system audit", "", ""),
    "casework/step": ("system audit", "", ""),
    "casework/procedureversion": ("system audit", "", ""),
    "casework/caseevent": ("audit", "", ""),
    "casework/eventanchor": ("audit", "", ""),
}
SITE = {"index", "login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n"} | {
    "view_on_site",
    "app_list",
    "?",
}
KINDS = ("system", "security", "audit")
STRANGERS = [actor for actor in ACTORS if actor not in KINDS]


def test_every_address_of_the_administrators_is_in_the_table():
    made = {
        f"{table.replace('/', '_')}_{page}"
        for table in ADMINISTERED
        for page in ("changelist", "add", "history", "delete", "change")
    }
    names = {name[6:] for name, _ in every_pattern() if name.startswith("admin:")}
    assert names == made | SITE


@pytest.mark.parametrize("table", ADMINISTERED)
def test_each_administrator_sees_and_changes_only_what_is_theirs(world, table):
    looks, adds, changes = ({*kinds.split()} for kinds in ADMINISTERED[table])
    pk = _any(table)
    for kind in KINDS:
        seen = 200 if kind in looks else 403
        assert ask(world, kind, "get", f"/admin/{table}/").status_code == seen, kind
        added = ask(world, kind, "post", f"/admin/{table}/add/").status_code
        assert added == (200 if kind in adds else 403), kind
        if pk:
            assert ask(world, kind, "post", f"/admin/{table}/{pk}/delete/").status_code == 403, kind
            changed = ask(world, kind, "post", f"/admin/{table}/{pk}/change/").status_code
            assert (changed != 403) == (kind in changes), kind


def _any(table: str) -> int:
    from django.apps import apps

    row = apps.get_model(*table.split("/")).objects.order_by("pk").first()
    return row.pk if row else 0


def test_nobody_else_comes_into_the_administrators_site(world):
    everywhere = [
        *(f"{table}/" for table in ADMINISTERED),
        "autocomplete/?term=a",
        "r/1/1/",
        "organization/",
        "none/",
    ]
    # One gate stands before all of them: everybody tries it, and every page is tried by somebody.
    doors = [("", actor) for actor in STRANGERS] + list(zip(everywhere, cycle(STRANGERS), strict=False))
    for path, actor in doors:
        response = ask(world, actor, "get", f"/admin/{path}")
        assert response.status_code == 302, (path, actor)
        assert response["Location"].startswith("/admin/login/"), (path, actor)


def test_what_the_kinds_of_people_cannot_be_told_by(world):
    """A stranger cannot tell a case that is closed to them from one that is not there."""
    pages = []
    for pk in (10**9, world.letters["new"].pk):
        response = ask(world, "other", "get", f"/office/cases/{pk}/")
        assert response.status_code == 404
        # The page links back to itself.
        pages.append(re.sub(rf"cases(/|%2F){pk}\b", "", without_values(response)).splitlines())
    assert [(a, b) for a, b in zip(*pages, strict=True) if a != b] == []
