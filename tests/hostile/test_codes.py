"""Query codes: a wrong one cannot be told from an unknown one, and nobody tries for long."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from letters.codes import ALPHABET, spaced
from letters.tries import BY_ADDRESS, BY_PHONE

from .city import NAME, PHONE, fresh_address

UNKNOWN_PHONE = "13600009999"


def other_code(code: str) -> str:
    return "".join(ALPHABET[(ALPHABET.index(c) + 1) % len(ALPHABET)] for c in code)


def without_values(response) -> str:
    """The page without what was typed and without its token."""
    return re.sub(r'value="[^"]*"', "", response.content.decode())


def tried(world, code: str, phone: str, address: str = ""):
    client = world.client()
    with CaptureQueriesContext(connection) as queries:
        data = {"code": code, "phone": phone}
        response = client.post("/letters/track/", data, REMOTE_ADDR=address or fresh_address())
    return response.status_code, without_values(response), len(queries)


@pytest.fixture(autouse=True)
def _tries_forgotten():
    """The limits count in Redis, which no rollback reaches."""
    from django.core.cache import cache

    from letters.codes import phone_index

    yield
    cache.delete_many([f"letters.tries:phone:{phone_index(phone)}" for phone in (PHONE, UNKNOWN_PHONE)])


def test_wrong_and_unknown_are_one_answer(world):
    code = world.other.code
    wrong = [
        tried(world, other_code(code), PHONE),  # the phone is right
        tried(world, code, UNKNOWN_PHONE),  # the code is right
        tried(world, other_code(code), UNKNOWN_PHONE),
        tried(world, "22222-22222", UNKNOWN_PHONE),
        tried(world, "2", UNKNOWN_PHONE),
    ]
    assert {status for status, _, _ in wrong} == {422}
    assert len({body for _, body, _ in wrong}) == 1
    assert len({queries for _, _, queries in wrong}) == 1


def test_the_right_code_opens_the_letter_however_it_is_written(world):
    code = world.other.code
    for written in (code, spaced(code), f" {code.lower()} ", f"{code[:5]}—{code[5:]}"):
        assert tried(world, written, PHONE)[0] == 302, written


def test_after_too_many_tries_even_the_right_code_has_to_wait(world):
    code, statuses = world.other.code, []
    for _ in range(BY_PHONE + 1):
        statuses.append(tried(world, other_code(code), PHONE)[0])
    assert statuses == [422] * BY_PHONE + [429]
    refused = tried(world, code, PHONE)
    assert refused[0] == 429
    assert refused[1] == tried(world, other_code(code), PHONE)[1]


def test_one_address_may_not_try_many_phones(world):
    address = fresh_address()
    statuses = {tried(world, "2345678923", f"139{n:08d}", address)[0] for n in range(BY_ADDRESS)}
    assert statuses == {422}
    assert tried(world, "2345678923", "13912345678", address)[0] == 429


def test_right_answers_do_not_use_up_the_tries(world):
    for _ in range(BY_PHONE + 2):
        assert tried(world, world.other.code, PHONE)[0] == 302


def test_the_progress_page_shows_neither_name_nor_phone_and_ends(world):
    client = world.client()
    client.post("/letters/track/", {"code": world.other.code, "phone": PHONE})
    page = client.get("/letters/track/")
    assert page.status_code == 200
    assert NAME not in page.content.decode()
    assert PHONE not in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    session = client.session
    session["letters.tracked"] = [session["letters.tracked"][0], 0]
    session.save()
    assert 'name="code"' in client.get("/letters/track/").content.decode()


def test_the_session_of_a_visitor_cannot_be_brought_along(world):
    """A session id planted before (fixation) is not the one in which the letter is shown."""
    client = world.client()
    client.cookies["sessionid"] = "a" * 32
    client.post("/letters/track/", {"code": world.other.code, "phone": PHONE})
    assert client.cookies["sessionid"].value != "a" * 32


def test_a_double_click_makes_one_letter(world):
    from letters.models import Letter

    from .addresses import _letter

    data, before = _letter(world), Letter.objects.count()
    client = world.client()
    pages = []
    for _ in range(2):
        assert client.post("/letters/new/", data)["Location"] == "/letters/new/done/"
        pages.append(without_values(client.get("/letters/new/done/")))
    assert Letter.objects.count() == before + 1
    assert pages[0] == pages[1]


def test_a_known_token_shows_nobody_elses_letter(world):
    """Whoever got hold of a form's token sends another letter with it and must not see the first."""
    from .addresses import _letter

    data = _letter(world)
    world.client().post("/letters/new/", data)
    thief = world.client()
    refused = thief.post("/letters/new/", data | {"title": "另一封完全不同的来信标题"})
    assert refused.status_code == 422
    assert "查询码" not in thief.get("/letters/new/done/", follow=True).content.decode().split("<form")[0]
