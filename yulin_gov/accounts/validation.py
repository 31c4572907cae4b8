"""From a model's own rules to a sentence: for doors that are not forms (import, seeding, actions)."""

from collections.abc import Iterable, Mapping

from django.apps import apps
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models

from yulin_gov.refused import Refused


def refuse_invalid(instance: models.Model, *, exclude: Iterable[str] = ()) -> None:
    """Check the instance's fields and what must be unique; raise `Refused` for the first fault.

    The sentence begins with the field's Chinese name. Constraints and references are left to the
    database, which checks them anyway and cannot be overtaken: see `refusal_of`.
    """
    exclude = set(exclude)
    for field in instance._meta.concrete_fields:
        value = getattr(instance, field.attname)
        # Form fields refuse NUL; PostgreSQL's text cannot hold it, whoever sends it.
        if field.name not in exclude and isinstance(value, str) and "\x00" in value:
            raise Refused(f"{field.verbose_name}：含有不能保存的字符，请重新输入。", field=field.name)
        if field.is_relation and value is not None:
            exclude.add(field.name)
    try:
        instance.full_clean(exclude=exclude, validate_constraints=False)
    except ValidationError as error:
        name, errors = next(iter(error.error_dict.items()))
        sentence = "".join(errors[0].messages)
        if name == NON_FIELD_ERRORS:
            raise Refused(sentence) from error
        label = instance._meta.get_field(name).verbose_name
        raise Refused(f"{label}：{sentence}", field=name) from error


def refusal_of(error: IntegrityError, sentences: Mapping[str, str] | None = None) -> Refused:
    """The sentence for a broken database constraint: the model's own `violation_error_message`.

    `sentences` maps names of constraints that only triggers know. For what nobody has worded the
    sentence is general; it is never the database's text.
    """
    diagnosis = getattr(error.__cause__, "diag", None)
    name = (diagnosis and diagnosis.constraint_name) or ""
    if sentences and name in sentences:
        return Refused(sentences[name])
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name == name and constraint.violation_error_message:
                return Refused(str(constraint.violation_error_message))
    return Refused("与已有的数据冲突，没有保存。请刷新后核对再试。")
