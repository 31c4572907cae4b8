"""What is kept, for whom, and how it is answered."""

import gzip

import pytest
from django.test import Client

from yulin_gov.pagecache import bump
from yulin_gov.pagecache.page import VIEW_COOKIE
from yulin_gov.pagecache.store import store

pytestmark = pytest.mark.django_db


def same(first, second) -> bool:
    return first.content == second.content


def test_a_second_visitor_gets_the_kept_page_without_a_query(client, django_assert_num_queries):
    first = client.get("/letters/")
    with django_assert_num_queries(0):
        second = Client().get("/letters/")
    assert second.status_code == 200
    assert same(first, second)
    assert second["Content-Type"] == "text/html; charset=utf-8"
    assert "script-src 'self'" in second["Content-Security-Policy"]
    assert second["X-Content-Type-Options"] == "nosniff"


def test_a_page_marked_only_after_rendering_is_kept_from_its_second_rendering(client):
    first, second, third = (client.get("/late/") for _ in range(3))
    assert not same(first, second)
    assert same(second, third)


def test_a_change_drops_the_pages_that_depend_on_it_and_no_others(client):
    one, two = client.get("/letters/one/"), client.get("/letters/two/")
    bump("letter:one")
    assert not same(one, client.get("/letters/one/"))
    assert same(two, client.get("/letters/two/"))


@pytest.mark.parametrize("path", ["/unmarked/", "/cookie/", "/gone/", "/private/", "/missing/"])
def test_what_is_personal_unmarked_or_not_200_is_not_kept(client, path):
    for _ in range(3):
        client.get(path)
        client.cookies.clear()
    assert store.size == 0


def test_a_page_with_a_form_token_is_never_kept(client):
    for _ in range(3):  # the later ones already hold the cookie, so that none is set
        assert client.get("/form/").status_code == 200
    assert store.size == 0


def test_somebody_signed_in_is_never_served_from_memory(client, django_user_model):
    anonymous = Client().get("/letters/")
    client.cookies["sessionid"] = "whatever"
    mine = client.get("/letters/")
    assert not same(anonymous, mine)
    assert "private" in mine["Cache-Control"]
    assert "Cookie" in mine["Vary"]


def test_a_waiting_message_is_shown_and_not_kept(client):
    Client().get("/greeted/")
    client.get("/greet/")
    assert "来信已提交" in client.get("/greeted/").content.decode()
    assert "来信已提交" not in Client().get("/greeted/").content.decode()


@pytest.mark.parametrize("header", ["HTTP_HX_REQUEST", "HTTP_AUTHORIZATION"])
def test_parts_of_pages_and_credentials_bypass_the_cache(client, header):
    kept = client.get("/letters/")
    assert not same(kept, client.get("/letters/", **{header: "true"}))


def test_post_bypasses_the_cache(client):
    kept = client.get("/letters/")
    assert not same(kept, client.post("/letters/"))


def test_browsers_revalidate_and_get_304_while_nothing_changed(client):
    first = client.get("/letters/")
    assert first["Cache-Control"] == "public, no-cache"
    assert first["Vary"] == "Accept-Encoding, Cookie"
    for known in (first["ETag"], f"W/{first['ETag']}", f'"other", {first["ETag"]}', "*"):
        answer = client.get("/letters/", HTTP_IF_NONE_MATCH=known)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer["ETag"] == first["ETag"]
    bump("letters")
    assert client.get("/letters/", HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200


def test_head_has_the_headers_of_get_and_no_body(client):
    page = client.get("/letters/")
    head = client.head("/letters/")
    assert head.content == b""
    assert {**head.headers} == {**page.headers}


@pytest.mark.parametrize(
    ("accepted", "compressed"),
    [
        ("gzip, deflate, br", True),
        ("br;q=1.0, gzip;q=0.8", True),
        ("", False),
        ("gzip;q=0", False),
        ("gzip; q=0.0, br", False),
    ],
)
def test_the_page_is_compressed_for_those_who_accept_it(client, accepted, compressed):
    plain = client.get("/letters/")
    answer = client.get("/letters/", HTTP_ACCEPT_ENCODING=accepted)
    assert (answer.get("Content-Encoding") == "gzip") is compressed
    content = gzip.decompress(answer.content) if compressed else answer.content
    assert content == plain.content
    assert answer["Content-Length"] == str(len(answer.content))
    assert (answer["ETag"] != plain["ETag"]) is compressed


@pytest.mark.parametrize(
    ("cookie", "view"),
    [
        ("large", "large"),
        ('"large contrast"', "large contrast"),
        ("contrast%20large", "large contrast"),
        ("<script>", ""),
        ("x" * 4000, ""),
    ],
)
def test_large_type_and_contrast_have_pages_of_their_own(cookie, view):
    def get(**cookies):
        header = "; ".join(f"{name}={value}" for name, value in cookies.items())
        return Client().get("/letters/", **({"HTTP_COOKIE": header} if header else {}))

    normal = get()
    wanted = get(**{VIEW_COOKIE: cookie})
    assert f"view={view} user" in wanted.content.decode()
    assert same(wanted, get(**{VIEW_COOKIE: cookie}))
    assert same(wanted, normal) is (view == "")


def test_scheme_and_host_are_part_of_the_key(client):
    plain = client.get("/letters/")
    assert not same(plain, client.get("/letters/", secure=True))
    assert not same(plain, client.get("/letters/", HTTP_HOST="localhost"))
    assert client.get("/letters/", HTTP_HOST="evil.example").status_code == 400


def test_short_queries_have_their_page_and_long_ones_are_not_kept(client):
    assert same(client.get("/letters/?page=2"), client.get("/letters/?page=2"))
    assert not same(client.get("/letters/?page=2"), client.get("/letters/?page=3"))
    long = "/letters/?q=" + "a" * 200
    assert not same(client.get(long), client.get(long))


def test_bad_bytes_in_an_address_are_no_error(client):
    assert client.get("/letters/%00/").status_code == 404
    assert client.get("/letters/", QUERY_STRING="\udcff\x00").status_code == 200
