"""The example in docs/import.md does what it says."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from yulin_gov.organization.importing import import_organization, read_rows
from yulin_gov.organization.importing.reading import COLUMNS
from yulin_gov.organization.roles import ROLES

PAGE = Path(settings.BASE_DIR) / "docs" / "import.md"


@pytest.mark.django_db
def test_the_example_imports_without_an_error(tmp_path):
    (example,) = re.findall(r"```csv\n(.*?)```", PAGE.read_text(), re.S)
    path = tmp_path / "example.csv"
    path.write_text(example)
    report = import_organization(read_rows(path))
    assert report.errors == []
    assert report.total("新增") == 5


def test_every_column_and_role_is_explained():
    text = PAGE.read_text()
    assert [column for column in COLUMNS if column not in text] == []
    explained = dict(
        re.findall(r"(\w+) `(\w+)`", text.partition("- **角色**")[2].partition("- **管理员**")[0])
    )
    assert {label: ROLES.get(key) for label, key in explained.items()} == {
        label: label for label in explained
    }
    assert len(explained) == 17
