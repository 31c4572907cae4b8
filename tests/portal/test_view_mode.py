"""关怀版 and 高对比 are one cookie, chosen without JavaScript, and never lead off the site."""

import pytest

from portal.views import VIEW_COOKIE

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("mode", ["large", "contrast", "large-contrast"])
def test_a_choice_is_kept_and_leads_back(client, mode):
    response = client.get("/view/", {"mode": mode, "next": "/letters/?q=路灯"})
    assert response.status_code == 302
    assert response.url.startswith("/letters/?q=")
    assert response.cookies[VIEW_COOKIE].value == mode


def test_a_form_may_post_the_choice_as_well(client):
    response = client.post("/view/", {"mode": "large", "next": "/view/"})
    assert response.cookies[VIEW_COOKIE].value == "large"


def test_standard_forgets_the_choice(client):
    client.cookies[VIEW_COOKIE] = "large"
    response = client.get("/view/", {"mode": "standard"})
    assert response.url == "/"
    assert response.cookies[VIEW_COOKIE]["max-age"] == 0


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/a\r\nX: y", "/a\x00", ""]
)
def test_it_never_leads_off_the_site(client, address):
    assert client.get("/view/", {"mode": "large", "next": address}).url == "/"


def test_an_unknown_mode_is_refused_with_a_sentence(client):
    response = client.get("/view/", {"mode": "huge\x00"})
    assert response.status_code == 400
    assert "没有这种显示方式" in response.content.decode()
    assert VIEW_COOKIE not in response.cookies


@pytest.mark.parametrize(
    ("cookie", "classes"),
    [
        ("", "shell-public"),
        ("large", "shell-public view-large"),
        ("contrast", "shell-public view-contrast"),
        ("large-contrast", "shell-public view-large view-contrast"),
        ('"><script>', "shell-public"),
    ],
)
def test_the_choice_is_a_class_of_the_page(client, cookie, classes):
    client.cookies[VIEW_COOKIE] = cookie
    assert f'<html lang="zh-Hans" class="{classes}">' in client.get("/view/").content.decode()


def test_the_page_without_a_choice_offers_all_of_them(client):
    page = client.get("/view/", {"next": "/letters/"}).content.decode()
    for word in ("标准", "关怀版", "高对比", 'value="/letters/"'):
        assert word in page
