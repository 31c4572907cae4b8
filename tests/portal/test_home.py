"""The first page asks what people came for, and is the same for everybody."""

import re

import pytest

pytestmark = pytest.mark.django_db


def test_the_first_page_asks_and_leads_only_to_pages_that_exist(client):
    response = client.get("/")
    page = response.content.decode()
    assert response.status_code == 200
    assert page.count("<h1") == 1
    assert "您要办什么事？" in page
    for address in sorted(set(re.findall(r'<a [^>]*?href="(/[^"#]*)"', page))):
        assert client.get(address.replace("&amp;", "&")).status_code in (200, 302), address


def test_the_first_page_is_kept_and_reads_no_session(client):
    response = client.get("/")
    assert not response.cookies
    assert response["Cache-Control"] == "public, no-cache"


def test_the_first_page_takes_few_queries(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        client.get("/?fresh")


def test_an_error_page_needs_nothing_but_itself(rf):
    from portal.views import bad_request, server_error

    for answer, status, sentence in (
        (server_error(rf.get("/")), 500, "网站出了问题"),
        (bad_request(rf.get("/")), 400, "请求有误"),
    ):
        assert answer.status_code == status
        assert sentence in answer.content.decode()


def test_a_missing_page_says_so_in_chinese(client):
    response = client.get("/no-such-page/")
    assert response.status_code == 404
    assert "没有找到这个页面" in response.content.decode()
