"""Every form takes whatever is sent: it is done, or a sentence says why not and keeps what was typed."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils.html import escape

from tests.files import factories as files

from .addresses import FORMS
from .attacks import ARRAY, FORM, KITCHEN, SCRIPT, SHARP, TEXTS, elsewhere, encoded, fault

EVERYWHERE = ("kitchen", "long", "digit")
BY_KEY = {form.key: form for form in FORMS}
PUBLIC = [form for form in FORMS if form.actor == "anonymous"]


def sent(world, form, body, content_type=FORM, **kwargs):
    with transaction.atomic():
        response = world.client(form.actor).post(form.url(world), body, content_type=content_type, **kwargs)
        transaction.set_rollback(True)
    return response


def faults_of(world, form, bodies: dict[str, dict]) -> list[str]:
    found = []
    for label, data in bodies.items():
        response = sent(world, form, encoded(data))
        problem = fault(response) or (elsewhere(response) and f"leads to {response['Location'][:60]}")
        found += [f"{form.key} {label}: {problem}"] if problem else []
    return found


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.key)
def test_whatever_is_sent_is_answered(world, form):
    data = form.data(world)
    bodies = {label: dict.fromkeys(data, SHARP[label]) for label in EVERYWHERE if data}
    bodies["array"] = dict.fromkeys(data, ARRAY)
    assert not faults_of(world, form, bodies)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.key)
def test_each_field_alone_is_answered(world, form):
    """The others are right, so that this one gets as far as it can."""
    data = form.data(world)
    bodies = {f"{name}={label}": data | {name: SHARP[label]} for name in data for label in ("nul",)}
    bodies |= {f"no {name}": {n: v for n, v in data.items() if n != name} for name in data}
    assert not faults_of(world, form, bodies)


@pytest.mark.parametrize("form", PUBLIC, ids=lambda form: form.key)
def test_every_text_is_answered_where_everybody_may_write(world, form):
    data = form.data(world)
    bodies = {label: dict.fromkeys(data, text) for label, text in TEXTS.items()}
    assert not faults_of(world, form, bodies)


@pytest.mark.parametrize("form", [*PUBLIC, BY_KEY["publish"]], ids=lambda form: form.key)
def test_bodies_that_are_no_forms(world, form):
    bodies = {
        "application/json": b'{"title": "x"}',
        "text/plain": b"\xff\xfe\x00",
        "": b"title=x",
        "multipart/form-data": b"no boundary",
        "multipart/form-data; boundary=x": b"--x\r\nContent-Disposition: form-data; name=",
    }
    for content_type, body in bodies.items():
        response = sent(world, form, body, content_type)
        assert not fault(response, sentence=False), (content_type, fault(response))


MULTIPART = "multipart/form-data; boundary=x"
PARTS = [
    b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n\xff\xfe\x00\r\n--x--\r\n',
    b'--x\r\nContent-Disposition: form-data; name="files"; filename="../../a\x00.pdf"\r\n\r\nx\r\n--x--\r\n',
    b"--x\r\nContent-Disposition: form-data; name=\"f\"; filename*=rot13''a.pdf\r\n\r\nx\r\n--x--\r\n",
    b"--x\r\nContent-Disposition: form-data; name=\"f\"; filename*=utf-8''%ED%A0%80.pdf\r\n\r\nx\r\n--x--\r\n",
    b'--x\r\nContent-Disposition: form-data; name="t"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n--x--\r\n',
    b'--x\r\nContent-Disposition: form-data; name="t"\r\nContent-Type: text/plain; charset=rot13\r\n\r\nx\r\n--x--',
    b"--x\r\n" * 2000,
    b"".join(b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n1\r\n' % n for n in range(2100))
    + b"--x--",
    b'--x\r\nContent-Disposition: form-data; name="' + b"a" * 70_000 + b'"\r\n\r\n1\r\n--x--\r\n',
]


@pytest.mark.parametrize("body", PARTS, ids=range(len(PARTS)))
def test_broken_multipart(world, body):
    for key in ("letter", "accept"):
        response = sent(world, BY_KEY[key], body, MULTIPART)
        assert not fault(response), fault(response)
        # Accepting needs no word, so that an empty form accepts.
        assert response.status_code in ((400, 422) if key == "letter" else (302, 400)), response.status_code


def test_more_than_the_server_takes_is_refused_in_words(world):
    form = BY_KEY["letter"]
    for body in (encoded(form.data(world) | {"text": "长" * 1_000_000}), "a=1&" * 2100):
        response = sent(world, form, body)
        assert not fault(response)
        assert response.status_code in (400, 413)


# -- what was typed is kept ---------------------------------------------------------------

KEPT = {
    "letter": ("title", "text", "name", "phone"),
    "track": ("code", "phone"),
    "sign in": ("username",),
    "delegation": ("reason",),
    "decline": ("decline-opinion",),
    "return": ("return-opinion",),
    "urge": ("urge-reason",),
    "answer": ("answer",),
    "identity": ("reason",),
    "withdraw": ("reason",),
    "submit": ("submit-reply", "submit-opinion"),
    "publish": ("publish-title", "publish-text", "publish-reply", "publish-opinion"),
}


@pytest.mark.parametrize("key", KEPT)
def test_a_refused_form_keeps_what_was_typed(world, key):
    form = BY_KEY[key]
    data = form.data(world)
    names = [name for name in data if any(name == kept or name.endswith(f"-{kept}") for kept in KEPT[key])]
    assert names
    for text in (KITCHEN[:60].strip() + "路" * 21_000, f"{SCRIPT}𠮷👩‍👩‍👧\u202e".strip() + "路" * 21_000):
        response = sent(world, form, encoded(data | dict.fromkeys(names, text)))
        assert response.status_code in (200, 422)
        body = response.content.decode()
        for name in names:
            assert escape(text.replace("\r\n", "\n"))[:200] in body.replace("\r\n", "\n"), name


def test_a_letter_of_rare_characters_is_stored_as_it_was_written(world):
    form, text = BY_KEY["letter"], "𠮷田街道𪚥𰻝路👩‍👩‍👧‍👦 <b>路灯</b> 不亮，请尽快维修。\n第二行。"
    data = form.data(world) | {"title": "𠮷田街道路灯👩‍👩‍👧‍👦不亮", "text": text}
    client = world.client()
    assert client.post("/letters/new/", encoded(data), content_type=FORM).status_code == 302
    from letters.models import Letter

    letter = Letter.objects.select_related("case").latest("pk")
    assert (letter.case.title, letter.text) == (data["title"], text)
    shown = world.client("clerk").get(f"/office/cases/{letter.pk}/").content.decode()
    assert "𠮷田街道路灯👩‍👩‍👧‍👦不亮" in shown
    assert "&lt;b&gt;路灯&lt;/b&gt;" in shown


def test_ten_thousand_characters_are_a_letter_and_one_more_is_a_sentence(world):
    form = BY_KEY["letter"]
    assert sent(world, form, encoded(form.data(world) | {"text": "长" * 10_000})).status_code == 302
    refused = sent(world, form, encoded(form.data(world) | {"text": "长" * 10_001}))
    assert "最多10000个字，现有10001个字" in refused.content.decode()
    assert "长" * 10_001 in refused.content.decode()


# -- files that lie -----------------------------------------------------------------------

LIARS = {
    "附件.pdf": b"MZ\x90\x00program",
    "照片.jpg": b"<html><script>alert(1)</script>",
    "图.png": files.png_claiming(100_000, 100_000),
    "空.pdf": b"",
    "a\r\nX: 1.pdf": b"not a pdf",
    "../../etc/passwd": b"root:x:0:0",
    "宏.svg": b"<svg onload=alert(1)>",
    "坏.docx": b"PK\x03\x04broken",
    "套娃.zip": files.archive({"a.zip": files.archive({"b.pdf": files.PDF})}),
    "脚本.pdf": b"%PDF-1.4\n/JavaScript (x)\nstartxref\n9\n%%EOF\n",
}
WITH_FILES = [form for form in FORMS if form.files]


@pytest.mark.parametrize("name", LIARS)
def test_files_that_lie_are_refused_beside_their_field(world, name):
    for form in WITH_FILES[:2]:
        upload = SimpleUploadedFile("x", LIARS[name], content_type="application/pdf")
        upload._name = name
        with transaction.atomic():
            url, data = form.url(world), form.data(world) | {form.files[0]: upload}
            response = world.client(form.actor).post(url, data)
            transaction.set_rollback(True)
        assert not fault(response), fault(response)
        assert response.status_code == 422, (form.key, response.status_code)


def test_text_where_a_file_is_expected_and_a_file_where_text_is(world):
    form = BY_KEY["accept"]
    assert not fault(sent(world, form, encoded({"accept-files": "not a file", "accept-opinion": "同意"})))
    upload = SimpleUploadedFile("a.pdf", files.PDF)
    with transaction.atomic():
        response = world.client().post("/letters/new/", {"title": upload, "text": upload})
        transaction.set_rollback(True)
    assert response.status_code == 422
