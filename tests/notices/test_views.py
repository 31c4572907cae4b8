import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.notices.factories import draft, make_deputy, make_holder, make_unit
from yulin_gov.notices.actions import mark_all_read, mark_read, post_notices
from yulin_gov.notices.delivery import expand_notices
from yulin_gov.notices.models import NoticeDelivery
from yulin_gov.notices.queries import inbox_of, unread_count
from yulin_gov.notices.views import PAGE_SIZE

pytestmark = pytest.mark.django_db

INBOX, BELL, DESKTOP = "/office/notices/", "/office/notices/bell/", "/office/notices/desktop/"


@pytest.fixture
def alice():
    """Has the inbox in question."""
    return make_holder(make_unit(), "letter_clerk", "梁芳")


@pytest.fixture
def bob():
    """Works elsewhere and has an inbox of his own."""
    return make_holder(make_unit("市林业局"), "letter_clerk", "黎明")


@pytest.fixture
def office(client, alice):
    client.force_login(alice)
    return client


def tell(user, number=1, **fields):
    """That many notices in the user's inbox; returns the entries, oldest first."""
    before = list(inbox_of(user).values_list("pk", flat=True))
    post_notices([draft(**{"user_id": user.pk, "title": f"提醒{n:03}", **fields}) for n in range(number)])
    expand_notices()
    while expand_notices():
        pass
    return list(inbox_of(user).exclude(pk__in=before).order_by("id"))


def titles(page):
    return re.findall(r'/open/">(提醒\d{3})<', page)


def test_the_addresses_are_those_the_office_pages_ask_for():
    assert reverse("notices:inbox") == INBOX
    assert reverse("notices:bell") == BELL
    assert reverse("notices:desktop") == DESKTOP


def test_the_inbox_shows_unread_first_of_all_and_everything_on_request(office, alice):
    first, _ = tell(alice, 2)
    mark_read(alice, first.pk)
    page = office.get(INBOX)
    assert page.content.decode().count("<h1>") == 1
    assert "提醒001" in page.content.decode()
    assert "提醒000" not in page.content.decode()
    everything = office.get(INBOX, {"show": "all"}).content.decode()
    assert everything.index("提醒001") < everything.index("提醒000")


def test_an_empty_inbox_says_so(office):
    assert "没有未读提醒" in office.get(INBOX).content.decode()
    assert "还没有提醒" in office.get(INBOX, {"show": "all"}).content.decode()


def test_nobody_sees_or_touches_anothers_inbox(office, alice, bob):
    (entry,) = tell(bob, title="给黎明的提醒")
    assert "给黎明的提醒" not in office.get(INBOX, {"show": "all"}).content.decode()
    assert office.get(reverse("notices:open", args=[entry.pk])).status_code == 404
    assert office.post(reverse("notices:read", args=[entry.pk])).status_code == 404
    office.post(reverse("notices:read_all"))
    assert office.get(DESKTOP).json() == {"notices": []}
    assert unread_count(bob) == 1


def test_a_stranger_is_asked_to_sign_in_and_a_poll_gets_no_page(client):
    assert client.get(INBOX).status_code == 302
    assert client.get(BELL, headers={"HX-Request": "true"}).status_code == 204
    assert client.get(DESKTOP, headers={"Accept": "application/json"}).status_code in (401, 403)


def test_the_text_of_a_notice_is_never_markup(office, alice):
    tell(alice, title="<script>alert(1)</script>", body="<b>粗</b>𠮷")
    page = office.get(INBOX).content.decode()
    assert "<script>alert" not in page
    assert "&lt;b&gt;粗&lt;/b&gt;𠮷" in page


def test_opening_marks_as_read_and_leads_to_the_matter(office, alice):
    (entry,) = tell(alice, url="/office/letters/12/")
    response = office.get(reverse("notices:open", args=[entry.pk]))
    assert (response.status_code, response["Location"]) == (302, "/office/letters/12/")
    entry.refresh_from_db()
    first_read = entry.read_at
    assert first_read
    office.get(reverse("notices:open", args=[entry.pk]))
    entry.refresh_from_db()
    assert entry.read_at == first_read


def test_a_notice_without_a_page_leads_back_to_the_inbox(office, alice):
    (entry,) = tell(alice)
    assert office.get(reverse("notices:open", args=[entry.pk]))["Location"] == INBOX


def test_asking_for_the_head_changes_nothing(office, alice):
    (entry,) = tell(alice)
    office.head(reverse("notices:open", args=[entry.pk]))
    office.head(DESKTOP)
    assert unread_count(alice) == 1
    assert NoticeDelivery.objects.filter(channel="desktop", state="waiting").exists()


def test_one_can_be_marked_as_read_without_being_opened(office, alice):
    first, _ = tell(alice, 2)
    response = office.post(reverse("notices:read", args=[first.pk]), {"show": "all"})
    assert response["Location"] == f"{INBOX}?show=all"
    assert unread_count(alice) == 1


def test_reading_in_the_inbox_drops_the_waiting_pop_up(alice):
    first, _ = tell(alice, 2)
    mark_read(alice, first.pk)
    pop_ups = NoticeDelivery.objects.filter(channel="desktop").order_by("notice")
    assert [pop_up.state for pop_up in pop_ups] == ["dropped", "waiting"]


def test_all_read_means_what_was_on_the_page_not_what_came_since(office, alice):
    tell(alice, 3)
    page = office.get(INBOX).content.decode()
    up_to = re.search(r'name="up_to" value="(\d+)"', page).group(1)
    (late,) = tell(alice)
    office.post(reverse("notices:read_all"), {"up_to": up_to})
    assert list(inbox_of(alice).filter(read_at=None)) == [late]
    assert NoticeDelivery.objects.filter(channel="desktop", state="waiting").count() == 1


def test_marking_all_reaches_beyond_the_page_shown(alice):
    tell(alice, PAGE_SIZE + 5)
    assert mark_all_read(alice) == PAGE_SIZE + 5
    assert mark_all_read(alice) == 0


@pytest.mark.parametrize("up_to", ["", "abc", "-1", "9" * 40, "1\x00"])
def test_nonsense_in_a_form_is_no_error(office, alice, up_to):
    tell(alice)
    assert office.post(reverse("notices:read_all"), {"up_to": up_to}).status_code == 302


@pytest.mark.parametrize(
    "value", ["", "abc", "-1", "9" * 40, "1\x00", "１２", "WyJhIiwxZTQwMF0", "WyJiIiwwXQ"]
)
def test_nonsense_in_the_address_is_no_error(office, alice, value):
    tell(alice)
    assert office.get(INBOX, {"page": value, "show": value}).status_code == 200
    assert office.get(f"/office/notices/{'9' * 30}/open/").status_code == 404


def test_pages_follow_each_other_without_gaps_or_repeats(office, alice):
    tell(alice, 2 * PAGE_SIZE + 7)
    address, seen, pages = INBOX, [], []
    while address:
        page = office.get(address).content.decode()
        pages.append(titles(page))
        seen += pages[-1]
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = older and INBOX + older.group(1).replace("&amp;", "&")
    assert seen == [f"提醒{n:03}" for n in reversed(range(2 * PAGE_SIZE + 7))]
    newer = re.search(r'rel="prev" href="([^"]+)"', page).group(1)
    assert titles(office.get(INBOX + newer.replace("&amp;", "&")).content.decode()) == pages[-2]


def test_a_deputy_sees_for_whom_they_are_told(client, alice):
    deputy = make_deputy(alice, "庞洁")
    unit_id = alice.appointments.get().position.unit_id
    post_notices([draft(unit_id=unit_id, role="letter_clerk")])
    expand_notices()
    client.force_login(deputy)
    assert "代 梁芳" in client.get(INBOX).content.decode()


# -- polled -------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "shown"), [(0, None), (3, "3"), (99, "99"), (130, "99+")])
def test_the_bell_counts_to_99(number, shown, office, alice):
    tell(alice, number)
    page = office.get(BELL).content.decode()
    assert (f">{shown}</span>" in page) if shown else ("<span" not in page)
    assert "<html" not in page


@pytest.mark.parametrize("address", [BELL, DESKTOP])
def test_a_poll_is_no_sign_of_presence(address):
    from django.urls import resolve

    assert resolve(address).func.background_poll


@pytest.mark.parametrize("address", [INBOX, f"{INBOX}?show=all", BELL, DESKTOP])
def test_the_queries_do_not_follow_the_number_of_notices(address, office, alice, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    tell(alice, 1)
    NoticeDelivery.objects.filter(channel="desktop").update(state="dropped")
    with CaptureQueriesContext(connection) as with_one:
        office.get(address)
    tell(alice, 40)
    NoticeDelivery.objects.filter(channel="desktop").update(state="dropped")
    with django_assert_num_queries(len(with_one)):
        office.get(address)
    own = [query for query in with_one if "notices_" in query["sql"]]
    assert len(own) <= (1 if address in (BELL, DESKTOP) else 3)  # the third is the bell around the page


def test_pop_ups_are_given_out_once_and_lead_through_the_inbox(office, alice):
    (entry,) = tell(alice, title="被催办", body="请今日答复", url="/office/letters/12/")
    (shown,) = office.get(DESKTOP).json()["notices"]
    opened = reverse("notices:open", args=[entry.pk])
    assert shown == {"id": shown["id"], "title": "被催办", "body": "请今日答复", "url": opened}
    assert office.get(DESKTOP).json() == {"notices": []}
    pop_up = NoticeDelivery.objects.get(channel="desktop")
    assert (pop_up.state, pop_up.pk) == ("sent", shown["id"])


def test_pop_ups_come_a_few_at_a_time_oldest_first(office, alice):
    tell(alice, 7)
    rounds = [[notice["title"] for notice in office.get(DESKTOP).json()["notices"]] for _ in range(3)]
    assert rounds == [[f"提醒{n:03}" for n in range(5)], ["提醒005", "提醒006"], []]


def test_yesterdays_pop_up_is_not_shown(office, alice):
    tell(alice)
    NoticeDelivery.objects.update(created_at=timezone.now() - timedelta(hours=13))
    assert office.get(DESKTOP).json() == {"notices": []}
