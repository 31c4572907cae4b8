"""Bringing everything under the newest master key, in short transactions, while the platform runs."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.apps import apps
from django.db import models, transaction
from django.db.models import F, Func, QuerySet

from .fields import EncryptedTextField
from .keys import HEADER, Unreadable, newest_header
from .models import DataKey

BATCH = 500  # rows locked at a time


class Column(NamedTuple):
    """A column that holds values under master keys."""

    model: type[models.Model]
    name: str

    @property
    def label(self) -> str:
        return f"{self.model._meta.label}.{self.name}"


class Rotated(NamedTuple):
    """What became of a column: rows rewritten, and keys of rows that no listed secret opens."""

    column: Column
    rewritten: int
    unreadable: list


def columns() -> list[Column]:
    """Every column under master keys: the data keys, and all encrypted fields of all apps."""
    encrypted = [
        Column(model, field.name)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
        for field in model._meta.local_concrete_fields
        if isinstance(field, EncryptedTextField)
    ]
    return [Column(DataKey, "wrapped"), *encrypted]


def under_old_keys(column: Column) -> QuerySet:
    """The rows whose value is not sealed under the newest master key; empty values have no key."""
    header = Func(
        F(column.name),
        template=f"substring(%(expressions)s from 1 for {HEADER})",
        output_field=models.BinaryField(),
    )
    rows = column.model._base_manager.alias(header=header)
    return rows.filter(header__isnull=False).exclude(header__in=[b"", newest_header()])


def rotate(which: Iterable[Column] | None = None) -> Iterator[Rotated]:
    """Rewrite column after column (all by default); may be stopped and run again at any time."""
    return map(_rotate, columns() if which is None else which)


def _rotate(column: Column) -> Rotated:
    rewritten, unreadable, last = 0, [], None
    while True:
        with transaction.atomic():
            batch = under_old_keys(column).order_by("pk")
            if last is not None:
                batch = batch.filter(pk__gt=last)
            # Keys first: reading a value that nothing opens must not lose the whole batch.
            keys = list(batch.select_for_update().values_list("pk", flat=True)[:BATCH])
            for key in keys:
                try:
                    _rewrite(column, key)
                    rewritten += 1
                except Unreadable:
                    unreadable.append(key)
        if len(keys) < BATCH:
            return Rotated(column, rewritten, unreadable)
        last = keys[-1]


def _rewrite(column: Column, key) -> None:
    row = column.model._base_manager.filter(pk=key)
    if column.model is DataKey:
        data_key = row.get()
        data_key.rewrap()
        value = data_key.wrapped
    else:
        value = row.values_list(column.name, flat=True).get()
    # update(), not save(): nothing about the row has changed that anybody should be told of.
    row.update(**{column.name: value})
