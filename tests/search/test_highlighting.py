from yulin_gov.search.highlighting import SHOWN, excerpt, highlight


def test_words_are_marked_and_everything_is_escaped():
    html = highlight("<script>物业</script> & 物业管理 WiFi", ["物业", "物业管理", "wifi"])
    assert html == (
        "&lt;script&gt;<mark>物业</mark>&lt;/script&gt; &amp; <mark>物业管理</mark> <mark>WiFi</mark>"
    )


def test_marked_text_is_escaped_too():
    assert highlight("a<b", ["<"]) == "a<mark>&lt;</mark>b"


def test_needles_are_no_patterns():
    assert highlight("a.c abc", ["a.c"]) == "<mark>a.c</mark> abc"


def test_a_space_in_a_phrase_stands_for_what_stood_there():
    assert highlight("玉政发〔2026〕1号", ["玉政发 2026 1号"]) == "<mark>玉政发〔2026〕1号</mark>"


def test_an_excerpt_shows_the_surroundings_of_the_first_word():
    html = excerpt("前" * 500 + "物业" + "后" * 500, ["物业"])
    assert html.startswith("…前")
    assert html.endswith("后…")
    assert "<mark>物业</mark>" in html
    assert len(html) == SHOWN + 2 + len("<mark></mark>")


def test_without_the_word_an_excerpt_is_the_beginning():
    assert excerpt("短文", ["物业"]) == "短文"
