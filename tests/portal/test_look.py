"""What every page promises: contrast, weight, no inline code, errors beside their field."""

import gzip
import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template.loader import render_to_string

STATIC = Path(settings.BASE_DIR) / "static"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
CSS = (STATIC / "css/site.css").read_text()

AA_TEXT, AA_PARTS = 4.5, 3.0
TEXT_PAIRS = [
    ("ink", "paper"),
    ("ink", "surface"),
    ("ink", "jade-light"),
    ("muted", "paper"),
    ("muted", "surface"),
    ("muted", "jade-light"),
    ("jade", "surface"),
    ("jade", "paper"),
    ("jade", "jade-light"),
    ("seal", "surface"),
    ("seal", "seal-light"),
    ("amber", "surface"),
    ("amber", "amber-light"),
    ("on-fill", "fill"),
    ("on-fill", "fill-dark"),
    ("on-press", "press"),
    ("on-press", "press-dark"),
    ("on-band", "band"),
    ("on-band-soft", "band"),
]
PART_PAIRS = [("control", "surface"), ("focus", "surface"), ("focus", "paper"), ("amber", "surface")]


def palette(*selectors: str) -> dict[str, str]:
    """The custom properties that hold where these rules apply, references resolved."""
    raw: dict[str, str] = {}
    for selector in selectors:
        block = re.search(rf"^{re.escape(selector)} \{{(.*?)\n\}}", CSS, re.S | re.M).group(1)
        raw |= dict(re.findall(r"--([a-z-]+):\s*([^;]+);", block))

    def resolve(value: str) -> str:
        reference = re.fullmatch(r"var\(--([a-z-]+)\)", value)
        return resolve(raw[reference.group(1)]) if reference else value

    return {name: resolve(value) for name, value in raw.items()}


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(d * 2 for d in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("view", [(":root",), (":root", ".view-contrast")], ids=["standard", "contrast"])
def test_every_pair_of_colours_reaches_aa(view):
    colours = palette(*view)
    bounds = [(pair, AA_TEXT) for pair in TEXT_PAIRS] + [(pair, AA_PARTS) for pair in PART_PAIRS]
    missed = {
        pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2)
        for pair, bound in bounds
        if contrast(colours[pair[0]], colours[pair[1]]) < bound
    }
    assert missed == {}


def test_public_pages_carry_at_most_thirty_kilobytes_of_style_and_script():
    files = ["css/site.css", "js/view.js", "js/forms.js"]
    assert sum(len(gzip.compress((STATIC / name).read_bytes())) for name in files) <= 30 * 1024


def test_no_template_holds_inline_style_or_script():
    forbidden = re.compile(
        r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)|hx-on|https?://(?!www\.w3\.org)"
    )
    found = [
        f"{path.relative_to(TEMPLATES)}: {match.group()}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        for match in forbidden.finditer(path.read_text())
    ]
    assert found == []


def test_every_component_and_shell_compiles():
    from django.template.loader import get_template

    for path in sorted(TEMPLATES.rglob("*.html")):
        get_template(str(path.relative_to(TEMPLATES)))


class ExampleForm(forms.Form):
    title = forms.CharField(
        label="标题", help_text="10 到 25 个字。", error_messages={"required": "请写标题。"}
    )
    email = forms.EmailField(label="电子邮箱", required=False)
    public = forms.ChoiceField(
        label="可否公开", widget=forms.RadioSelect, choices=[("y", "可以"), ("n", "不要")]
    )
    agree = forms.BooleanField(label="我已阅读须知")


def test_an_error_stands_beside_its_field_and_is_announced_with_it():
    field = str(ExampleForm({"title": ""})["title"].as_field_group())
    assert 'aria-invalid="true"' in field
    assert 'aria-describedby="id_title_helptext id_title_error"' in field
    assert '<p class="help" id="id_title_helptext">' in field
    assert re.search(r'<ul class="errors" id="id_title_error"><li>请写标题。</li></ul>', field)


def test_what_was_typed_is_kept_and_cannot_break_out_of_its_field():
    field = str(ExampleForm({"email": '"><script>𠮷'})["email"].as_field_group())
    assert "&quot;&gt;&lt;script&gt;𠮷" in field


def test_required_and_optional_are_said_in_words():
    form = ExampleForm()
    assert "必填" in str(form["title"].as_field_group())
    assert "选填" in str(form["email"].as_field_group())


def test_choices_are_a_group_with_a_name():
    field = str(ExampleForm({})["public"].as_field_group())
    assert "<fieldset" in field
    assert "<legend>可否公开" in field
    assert field.count("<ul") == 1


def test_the_summary_leads_to_each_field_in_need():
    form = ExampleForm({"title": "好", "email": "x"})
    page = render_to_string("components/form_body.html", {"form": form})
    assert "还有 3 处需要改正" in page
    assert 'href="#id_email"' in page
    assert 'href="#id_title"' not in page
    assert 'href="#id_agree"' in page


def test_the_way_a_case_goes_is_told_in_words_as_well_as_dots():
    stages = [
        {"name": "受理", "state": "done"},
        {"name": "承办", "state": "current"},
        {"name": "答复", "state": "todo"},
    ]
    page = render_to_string("components/stages.html", {"stages": stages})
    assert page.count('aria-current="step"') == 1
    for words in ("受理<span", "已完成", "正在办理", "未开始"):
        assert words in page
