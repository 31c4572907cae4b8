"""What is found, by whom, in which order."""

from datetime import timedelta

import pytest

from tests.search.factories import START, document, indexed
from yulin_gov.search.actions import index_row, index_rows, remove_row
from yulin_gov.search.models import SearchRow
from yulin_gov.search.queries import search

pytestmark = pytest.mark.django_db


def found(query: str, **options) -> list[int]:
    return [hit.object_id for hit in search(query, **options).hits]


@pytest.mark.parametrize(
    "query",
    [
        "物业",
        "物业管理",
        "景蓉华苑",
        "蓉华",
        "华苑物业",
        "苑",
        "a2区",
        "Ａ２区",
        "管理 景蓉",
        "“华苑物业管理”",
        "请问景蓉华苑的物业怎么样",
    ],
)
def test_any_piece_of_a_title_finds_it(query):
    (wanted,) = indexed("A2区景蓉华苑物业管理有问题")
    indexed("关于水费的咨询")
    assert found(query) == [wanted]


def test_every_two_characters_of_a_title_find_it():
    title = "咨询北流市塘岸镇石脚村农村危房改造补助发放"
    (wanted,) = indexed(title)
    for length in (1, 2, 3, 4, 7):
        for start in range(len(title) - length + 1):
            assert found(title[start : start + length]) == [wanted], title[start : start + length]


def test_words_of_the_text_find_it_and_are_shown():
    index_rows([document("咨询", "　　您好：\n我家住在万秀花园，\t夜间施工噪音很大，<b>张三丰</b>敬上")])
    for query in ("夜间施工", "噪音", "万秀花园", "张三丰", "“施工噪音很大”"):
        (hit,) = search(query).hits
        assert "<mark>" in hit.excerpt_html
        assert "<b>" not in hit.excerpt_html
    assert found("“噪音施工”") == []


def test_all_words_must_occur():
    both, _ = indexed("公园噪音扰民", "公园照明")
    assert found("公园 噪音") == [both]


def test_a_phrase_must_occur_as_it_is():
    wanted, _ = indexed("施工噪音扰民", "噪音来自施工")
    assert found('"施工噪音"') == [wanted]
    assert len(found("施工噪音")) >= 1


def test_rare_characters_emoji_and_numbers_are_found():
    (wanted,) = indexed("𠮷先生😀问玉政发〔2026〕1号")
    for query in ("𠮷", "😀", "𠮷先生", "玉政发〔2026〕1号", "“玉政发〔2026〕1号”", "2026"):
        assert found(query) == [wanted], query


@pytest.mark.parametrize(
    "query",
    [
        "",
        " ",
        "\0",
        "，。",
        "' & | ! :* <-> ( \\",
        "%' OR 1=1 --",
        "\ud842",
        "“”",
        "!!!",
        "物" * 10_000,
        "a b " * 2500,
    ],
)
def test_no_query_is_an_error(query):
    indexed("别的")
    assert search(query).hits == []


def test_operators_mean_nothing():
    (wanted,) = indexed("物业管理")
    assert found("物业 & !管理:* | 'x") == []
    assert found("物业 & (管理):*") == [wanted]


def test_nul_bytes_and_long_texts_can_be_found():
    index_rows([document("标\0题", "长\0文" + "字" * 10_000 + "末尾消防" + "a" * 5000)])
    assert len(found("标题")) == len(found("消防")) == 1


def test_titles_come_first_then_the_newest():
    index_rows([document("甲", "噪音"), document("噪音一"), document("噪音二"), document("乙", "噪音")])
    assert [str(hit.title_html) for hit in search("噪音").hits] == [
        "<mark>噪音</mark>二",
        "<mark>噪音</mark>一",
        "乙",
        "甲",
    ]


def test_pages_follow_each_other_without_gap_or_repetition():
    same_moment = START - timedelta(days=1)
    everything = [*indexed(*["噪音"] * 7), *indexed(*["噪音"] * 7, sort_at=same_moment)]
    everything += indexed(*["别的"] * 4, text="噪音")
    seen, after, pages = [], None, 0
    while pages == 0 or after:
        page = search("噪音", limit=4, after=after)
        assert page.total_text == "18"
        seen += [hit.object_id for hit in page.hits]
        after, pages = page.next, pages + 1
    assert pages == 5
    assert len(seen) == 18
    assert set(seen) == set(everything)


@pytest.mark.parametrize(
    "after", ["", "x", "1_2_3_4", "1_" + "9" * 16 + "_1", "0_-" + "9" * 16 + "_1", "9" * 5000, "\0"]
)
def test_a_strange_page_key_is_no_error(after):
    indexed("噪音")
    assert search("噪音", after=after).total_text in ("0", "1")


def test_only_public_rows_are_found_in_public():
    (public,) = indexed("噪音")
    (hidden,) = indexed("噪音", is_public=False)
    assert found("噪音") == [public]
    assert set(found("噪音", public=False, unit_ids=[1])) == {public, hidden}


def test_an_office_finds_the_rows_of_its_units_only():
    (mine,) = indexed("噪音", is_public=False, unit_ids=[1, 2])
    (other,) = indexed("噪音", is_public=False, unit_ids=[3])
    assert found("噪音", public=False, unit_ids={2}) == [mine]
    assert set(found("噪音", public=False, unit_ids=[2, 3])) == {mine, other}
    assert found("噪音", public=False, unit_ids=[]) == []
    with pytest.raises(ValueError, match="unit_ids"):
        search("噪音", public=False)


def test_what_is_excluded_is_not_found_whatever_else_allows_it():
    first, second = indexed("噪音", "噪音")
    assert found("噪音", public=False, unit_ids=[1], exclude=[("letters.letter", first)]) == [second]
    assert found("噪音", exclude=[("letters.letter", second), ("portal.article", first)]) == [first]


def test_kinds_narrow():
    (letter,) = indexed("噪音")
    (article,) = indexed("噪音", kind="portal.article")
    assert found("噪音", kinds=["portal.article"]) == [article]
    assert found("噪音", kinds=["letters.letter"]) == [letter]
    assert found("噪音", kinds=[]) == []


def test_indexing_again_replaces_and_removing_removes():
    entry = document("噪音")
    index_rows([entry, document("其他", kind=entry.kind, object_id=entry.object_id)])
    assert found("噪音") == []
    assert found("其他") == [entry.object_id]
    index_row(
        entry.kind,
        entry.object_id,
        title="噪音",
        text="",
        url="/",
        is_public=True,
        unit_ids=[],
        sort_at=START,
    )
    assert found("噪音") == [entry.object_id]
    assert SearchRow.objects.count() == 1
    remove_row(entry.kind, entry.object_id)
    remove_row(entry.kind, entry.object_id)
    assert found("噪音") == []


def test_many_rows_are_indexed_with_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        index_rows([document("噪音") for _ in range(300)])
    with django_assert_num_queries(0):
        index_rows([])
    assert search("噪音").total_text == "300"
