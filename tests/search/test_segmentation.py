import pytest
from hypothesis import given
from hypothesis import strategies as st

from yulin_gov.search.segmentation import fold, segment, tokens, words


def test_words_and_the_words_inside_them():
    found = segment("关于玉林市人民政府办公室的通知")
    for word in ("玉林市", "人民", "政府", "人民政府", "办公室", "通知"):
        assert word in found


def test_long_words_inside_a_longer_one():
    assert {"人力资源", "社会保障", "保障局"} & set(segment("人力资源和社会保障局")) >= {
        "人力资源",
        "社会保障",
    }


def test_unknown_words_also_fall_into_single_characters():
    assert {"景", "蓉", "华", "苑"} <= set(segment("景蓉华苑"))


def test_latin_is_lower_case_and_full_width_is_half_width():
    assert segment("ＷｉＦｉ 5G 2026 Ａ２区")[:4] == ["wifi", "5g", "2026", "a2"]


def test_rare_characters_and_emoji_are_words_and_punctuation_is_not():
    assert segment("𠮷先生，😀！\0 <>'\"\\") == ["𠮷", "先生", "😀"]


def test_every_piece_of_a_title_is_there():
    assert {("华苑物", 2), ("苑物", 3)} & tokens("景蓉华苑物业", every_piece=True) == {("苑物", 3)}


@pytest.mark.parametrize("text", ["", "   ", "\0", "，。！", "\ud842"])
def test_nothing_to_cut_is_no_words(text):
    assert segment(text) == []


@given(st.text(alphabet=st.one_of(st.sampled_from("玉林市人民政府𠮷😀aＡ１ '\\:&|!\0"), st.characters())))
def test_offsets_point_at_the_words(text):
    folded = fold(text)
    assert len(folded) == len(text)
    for word, offset in tokens(text, every_piece=True):
        assert folded[offset : offset + len(word)] == word
    ends = [0]
    for word, offset in words(folded):
        assert offset >= ends[-1]
        ends.append(offset + len(word))
