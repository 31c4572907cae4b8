"""Nothing a sender says about a file is believed; every refusal says what to do."""

import stat
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_STORED, ZipFile, ZipInfo

import pytest
from PIL import Image

from tests.files import factories as make
from yulin_gov.files import limits
from yulin_gov.files.archives import Archive
from yulin_gov.files.checking import check_upload
from yulin_gov.files.enums import FileKind
from yulin_gov.files.limits import Budget
from yulin_gov.files.names import clean_name
from yulin_gov.refused import Refused

PDF = make.PDF


def _refusal(content: bytes, name: str = "附件") -> str:
    with pytest.raises(Refused) as caught:
        check_upload(make.upload(content, name))
    return caught.value.sentence


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (PDF, "申请书.pdf", "pdf"),
        (make.ofd(), "红头.ofd", "ofd"),
        (make.docx(), "报告.DOCX", "docx"),
        (make.xlsx(), "表格.xlsx", "xlsx"),
        (make.picture("JPEG"), "照片.jpeg", "jpg"),
        (make.picture("PNG"), "截图.png", "png"),
        (make.archive({"照片/1.jpg": make.picture("JPEG"), "说明.docx": make.docx()}), "材料.zip", "zip"),
        (make.archive({"一.pdf": PDF}, method=ZIP_STORED), "材料.zip", "zip"),
    ],
)
def test_a_file_is_what_its_content_is(content, name, kind):
    checked = check_upload(make.upload(content, name))
    assert checked.kind == kind
    assert checked.name == f"{name.rpartition('.')[0]}.{kind}"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (PDF, "照片.jpg"),
        (PDF, "程序.exe"),
        (PDF, "报告.pdf.html"),
        (make.docx(), "压缩包.zip"),
        (make.archive({"a.pdf": PDF}), "报告.docx"),
        (make.picture("PNG"), "照片.jpg"),
    ],
)
def test_a_name_that_lies_about_the_type_is_refused(content, name):
    assert "内容却是" in _refusal(content, name)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "文件是空的（0 字节）"),
        (b"<html><script>alert(1)</script>", "只能上传 pdf、ofd、docx、xlsx、jpg、png、zip"),
        (b"GIF89a", "不支持 gif"),
        (b"MZ\x90\x00", "不能上传程序文件"),
        (b"Rar!\x1a\x07", "请改用 zip"),
        (b"7z\xbc\xaf\x27\x1c", "请改用 zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧版或加了密码的 Office 文件"),
        (b"\x00\x00\x00\x18ftypheic", "图片请转换为 jpg"),
        (b"\n%PDF-1.4 %%EOF", "不支持这种文件"),
        (PDF[:-30], "PDF 文件不完整"),
        (PDF.replace(b"/Root", b"/Encrypt 5 0 R/Root"), "设有密码或权限限制"),
        (PDF.replace(b"/Root", b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>/Root"), "脚本或可执行内容"),
    ],
)
def test_what_is_not_allowed_is_refused_with_advice(content, sentence):
    assert sentence in _refusal(content)


def test_oversize_is_refused_without_reading_it_all():
    assert "文件超过 20 MB" in _refusal(PDF + b" " * limits.MAX_BYTES)


# -- pictures -----------------------------------------------------------------------------


def test_pictures_lose_place_comments_and_trailing_data_and_stand_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by the camera
    exif[0x010F] = "Maker"
    exif.get_ifd(0x8825)[2] = (22.0, 38.0, 0.0)
    jpeg = make.picture("JPEG", exif=exif, comment=b"secret place") + b"PK\x03\x04 and more"
    cleaned = check_upload(make.upload(jpeg, "a.jpg")).content
    image = Image.open(BytesIO(cleaned))
    assert (image.size, dict(image.getexif()), image.info.get("comment")) == ((3, 4), {}, None)
    assert all(trace not in cleaned for trace in (b"Maker", b"secret", b"PK\x03\x04"))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_survives_cleaning(mode):
    cleaned = check_upload(make.upload(make.picture("PNG", mode), "a.png")).content
    assert Image.open(BytesIO(cleaned)).size == (4, 3)


def test_a_palette_keeps_its_transparency_and_print_colours_become_screen_colours():
    transparent = check_upload(make.upload(make.picture("PNG", "P", transparency=0), "a.png"))
    assert Image.open(BytesIO(transparent.content)).getpixel((0, 0))[3] == 0
    printed = check_upload(make.upload(make.picture("JPEG", "CMYK"), "a.jpg"))
    assert Image.open(BytesIO(printed.content)).mode == "RGB"


@pytest.mark.parametrize("side", [7_000, 12_000, 30_000, 2**31 - 1])
def test_a_pixel_bomb_is_refused_by_its_header(side):
    assert "万像素" in _refusal(make.png_claiming(side, side))


@pytest.mark.parametrize(
    "content",
    [
        make.picture("PNG", size=(60, 60))[:60],
        make.picture("JPEG", size=(600, 600))[:900],
        make.png_claiming(600, 600),
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        make.picture("PNG").replace(b"IHDR", b"IHDX"),
    ],
)
def test_a_broken_picture_is_refused(content):
    assert "图片已损坏" in _refusal(content)


# -- archives -----------------------------------------------------------------------------


def test_a_confessed_zip_bomb_is_refused_before_unfolding():
    three = make.archive({f"{i}.pdf": PDF for i in range(3)})
    assert "解压后超过 200 MB" in _refusal(make.claiming_size(three, 90 * limits.MEGABYTE))
    assert "过大" in _refusal(make.claiming_size(three, 101 * limits.MEGABYTE))


@pytest.mark.parametrize("size", [1, 90 * limits.MEGABYTE])
def test_an_entry_that_is_not_as_large_as_it_says_is_refused(size):
    assert "已损坏" in _refusal(make.claiming_size(make.archive({"a.pdf": PDF}), size))


def test_a_lying_zip_bomb_unfolds_no_further_than_it_says():
    bomb = make.claiming_size(make.archive({"a.pdf": PDF + bytes(5 * limits.MEGABYTE)}), 100)
    assert "已损坏" in _refusal(bomb)


def test_everything_unfolded_counts_against_one_budget():
    inner = make.docx(**{"word/media.bin": bytes(3000)})
    data = make.archive({"a.docx": inner, "b.docx": inner})
    with pytest.raises(Refused, match="解压后超过"):
        Archive(make.docx(**{"a.bin": bytes(3000)}), Budget(2000))
    archive = Archive(data, Budget(3 * len(inner)))
    archive._budget.left = len(inner) + 1  # as if an entry had been larger than its header
    with pytest.raises(Refused, match="解压后超过"):
        list(archive.read_all())


def test_a_directory_with_too_many_entries_is_refused(monkeypatch):
    monkeypatch.setattr("yulin_gov.files.archives.MAX_ENTRIES", 3)
    assert "超过 3 个" in _refusal(make.archive({f"{i}.pdf": PDF for i in range(4)}))


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ({}, "压缩包是空的"),
        ({"目录/": b""}, "压缩包是空的"),
        ({"说明.txt": b"hello"}, "压缩包内的“说明.txt”不能上传：不支持这种文件"),
        ({"说明.pdf": b"MZ\x90"}, "不能上传程序文件"),
        ({"说明.pdf": b""}, "是空文件"),
        ({"照片.jpg": PDF}, "压缩包内的“照片.jpg”有问题：文件名以“.jpg”结尾"),
        ({"内层.zip": make.archive({"a.pdf": PDF})}, "还有压缩包“内层.zip”"),
        ({"图.png": make.png_claiming(20_000, 20_000)}, "万像素"),
        ({"../../etc/a.pdf": PDF}, "不安全的路径"),
        ({"/etc/a.pdf": PDF}, "不安全的路径"),
        ({"C:/a.pdf": PDF}, "不安全的路径"),
        ({"a\\..\\b.pdf": PDF}, "不安全的路径"),
    ],
)
def test_what_lies_in_an_archive_is_checked_like_a_file(entries, sentence):
    assert sentence in _refusal(make.archive(entries), "材料.zip")


def test_encrypted_odd_linked_and_doubled_entries_are_refused():
    plain = make.archive({"a.pdf": PDF})
    encrypted = bytearray(plain)
    encrypted[6] |= 1
    encrypted[plain.index(b"PK\x01\x02") + 8] |= 1
    assert "设有密码" in _refusal(bytes(encrypted))
    assert "不常见的压缩方式" in _refusal(make.archive({"a.pdf": PDF}, method=ZIP_BZIP2))

    linked, doubled = BytesIO(), BytesIO()
    with ZipFile(linked, "w") as target:
        link = ZipInfo("a.pdf")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        target.writestr(link, "/etc/passwd")
    assert "链接" in _refusal(linked.getvalue())
    with ZipFile(doubled, "w") as target, pytest.warns(UserWarning, match="Duplicate"):
        target.writestr("a.pdf", PDF)
        target.writestr("a.pdf", PDF)
    assert "两个同名文件“a.pdf”" in _refusal(doubled.getvalue())


def test_a_nul_in_an_entrys_name_is_refused():
    assert "不安全的路径" in _refusal(make.archive({"aXb.pdf": PDF}).replace(b"aXb.pdf", b"a\0b.pdf"))


@pytest.mark.parametrize("cut", [4, 20, 60, -30, -1])
def test_a_cut_off_archive_is_refused(cut):
    assert "已损坏" in _refusal(make.archive({"a.pdf": PDF})[:cut])


def test_names_written_by_chinese_windows_are_read():
    # An archive whose entry is called 说明.pdf in GBK, without saying so.
    raw = make.archive({"abcd.pdf": PDF}).replace(b"abcd.pdf", "说明.pdf".encode("gbk"))
    assert [name for name, _ in Archive(raw, Budget()).read_all()] == ["说明.pdf"]


def test_documents_with_macros_or_entities_are_refused():
    assert "宏" in _refusal(make.docx(**{"word/vbaProject.bin": b"\xd0\xcf"}))
    bomb = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa">]><l>&a;</l>'
    assert "内部结构异常" in _refusal(make.docx(**{"word/settings.xml": bomb}))
    macro = {
        "[Content_Types].xml": b"<Types>vnd.ms-word.document.macroEnabled.main+xml</Types>",
        "word/document.xml": b"<w/>",
    }
    assert "宏" in _refusal(make.archive(macro))


# -- names --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\张三\\申请书.PDF", "申请书.pdf"),
        ("申请书", "申请书.pdf"),
        ("关于报送2026.11.22材料的函", "关于报送2026.11.22材料的函.pdf"),
        ("报告（v1.2", "报告（v1.2.pdf"),
        ("a\x00b\r\nc.pdf", "abc.pdf"),
        ("发票\u202efdp.exe.pdf", "发票fdp.exe.pdf"),
        ('a<b>:"|?*c.pdf', "a b c.pdf"),
        ("𠮷😀.pdf", "𠮷😀.pdf"),
        (".pdf", "pdf.pdf"),
        ("...", "未命名.pdf"),
        ("", "未命名.pdf"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
    ],
)
def test_a_name_is_kept_for_people_without_its_tricks(given, kept):
    assert clean_name(given, FileKind.PDF) == kept
