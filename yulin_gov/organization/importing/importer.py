"""One row at a time through the same verbs as people use; a broken row never stops the rest."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils.timezone import localdate

from yulin_gov.accounts.actions import create_user
from yulin_gov.accounts.enums import UserKind
from yulin_gov.accounts.models import User
from yulin_gov.refused import Refused

from ..actions import (
    abolish_unit,
    appoint,
    change_division,
    change_position,
    change_unit,
    create_division,
    create_position,
    create_unit,
    end_appointment,
    move_unit,
    rename_unit,
)
from ..enums import AdministratorKind, UnitKind
from ..models import Appointment, Division, Position, Unit
from ..roles import ROLES
from .reading import COLUMNS, KIND, Row

CREATED, CHANGED, SAME, BROKEN = "新增", "更新", "未变", "错误"


@dataclass
class Report:
    """What became of every row."""

    dry_run: bool = False
    read: int = 0
    counts: Counter = field(default_factory=Counter)  # (kind, outcome) → rows
    errors: list[tuple[str, str]] = field(default_factory=list)  # (place, sentence)
    ignored_columns: list[str] = field(default_factory=list)
    people_without_password: list[str] = field(default_factory=list)  # usernames of new accounts

    def total(self, outcome: str) -> int:
        return sum(count for (_, what), count in self.counts.items() if what == outcome)

    def lines(self) -> list[str]:
        """The whole report in Chinese."""
        head = "试运行（没有保存任何内容）" if self.dry_run else "导入完成"
        outcomes = "，".join(f"{what}{self.total(what)}" for what in (CREATED, CHANGED, SAME, BROKEN))
        lines = [f"{head}：读取{self.read}行，{outcomes}。"]
        for kind in HANDLERS:
            parts = [f"{what}{self.counts[kind, what]}" for what in (CREATED, CHANGED, SAME, BROKEN)]
            if any(self.counts[kind, what] for what in (CREATED, CHANGED, SAME, BROKEN)):
                lines.append(f"  {kind}：{'，'.join(parts)}")
        if self.ignored_columns:
            lines.append(f"没有用到的列：{'、'.join(self.ignored_columns)}")
        if self.people_without_password:
            lines.append(
                f"新开{len(self.people_without_password)}个账号，尚无密码，请由安全管理员重置后交给本人："
                + "、".join(self.people_without_password)
            )
        lines += [f"{place}：{sentence}" for place, sentence in self.errors]
        return lines


def import_organization(rows: Iterable[Row], *, dry_run: bool = False, by: User | None = None) -> Report:
    """Bring units, divisions, positions and appointments in line with the rows; returns the report.

    What exists is found by its natural key (code; unit and name; unit, division and title; person
    and position), so the same rows twice change nothing. An empty cell leaves a value as it is.
    Order does not matter: kinds are done in turn, and a unit waits for its parent. Raises Refused
    when the file as a whole cannot be read; nothing is saved then.
    """
    report = Report(dry_run=dry_run)
    with transaction.atomic():
        waiting = _sorted_by_kind(rows, report)
        for kind, handle in HANDLERS.items():
            for row in _parents_first(waiting[kind]) if kind == "单位" else waiting[kind]:
                _take(row, kind, handle, report, by)
        if dry_run:
            transaction.set_rollback(True)
    return report


def _sorted_by_kind(rows: Iterable[Row], report: Report) -> dict[str, list[Row]]:
    waiting: dict[str, list[Row]] = {kind: [] for kind in HANDLERS}
    ignored = {}
    for row in rows:
        report.read += 1
        ignored.update(dict.fromkeys(column for column in row.cells if column and column not in COLUMNS))
        kind = row.text(KIND)
        if kind in waiting:
            waiting[kind].append(row)
        else:
            report.counts["", BROKEN] += 1
            expected = "、".join(HANDLERS)
            report.errors.append((row.place, f"“类型”应为{expected}之一：{kind[:30] or '（空）'}"))
    report.ignored_columns = list(ignored)
    return waiting


def _parents_first(rows: list[Row]) -> list[Row]:
    """Rows whose parent is in the file come after it; circles keep their order and fail one by one."""
    codes = {row.text("单位编码") for row in rows}
    done: set[str] = set()
    ordered, rest = [], rows
    while rest:
        ready = [row for row in rest if row.text("上级编码") in done or row.text("上级编码") not in codes]
        if not ready:
            return ordered + rest
        ordered += ready
        done |= {row.text("单位编码") for row in ready}
        taken = set(map(id, ready))
        rest = [row for row in rest if id(row) not in taken]
    return ordered


def _take(row: Row, kind: str, handle: Callable, report: Report, by: User | None) -> None:
    try:
        with transaction.atomic():
            outcome = handle(row, report, by)
    except Refused as refusal:
        outcome = BROKEN
        report.errors.append((row.place, refusal.sentence))
    except (DatabaseError, ValueError):
        # Whatever the models did not foresee: this row is wrong, the next may be right.
        outcome = BROKEN
        report.errors.append((row.place, "内容不能保存，请检查是否有特殊字符或过长的文字。"))
    report.counts[kind, outcome] += 1


def _known(**facts) -> dict:
    """Without what the row leaves open."""
    return {name: value for name, value in facts.items() if value not in (None, "")}


def _differing(instance, facts: dict) -> dict:
    return {name: value for name, value in facts.items() if getattr(instance, name) != value}


def _unit_by_code(code: str) -> Unit:
    unit = Unit.objects.filter(code=code).first()
    if unit is None:
        raise Refused(f"没有编码为“{code[:40]}”的单位，请先登记该单位")
    return unit


def _take_unit(row: Row, report: Report, by: User | None) -> str:
    code = row.required("单位编码")
    parent = _unit_by_code(row.text("上级编码")) if row.text("上级编码") else None
    facts = _known(
        kind=row.choice("单位类别", UnitKind.choices),
        short_name=row.text("简称"),
        number_prefix=row.text("代字"),
        exchanges_documents=row.flag("公文交换"),
        circulates_inside=row.flag("内部流转"),
        receives_letters=row.flag("接收来信"),
        phone=row.text("电话"),
        address=row.text("地址"),
        duties=row.text("职责"),
        sort=row.number("排序"),
    )
    validity = _known(valid_from=row.day("设立日期"), valid_to=row.day("撤销日期"))
    unit = Unit.objects.filter(code=code).first()
    if unit is None:
        create_unit(code, name=row.required("单位名称"), parent=parent, by=by, **facts, **validity)
        return CREATED
    name = row.text("单位名称") or unit.name
    changed = bool(_differing(unit, facts))
    if name != unit.name:
        rename_unit(unit, name=name, by=by)
        changed = True
    if parent and parent != unit.parent:
        move_unit(unit, parent=parent, by=by)
        changed = True
    if validity.get("valid_to", unit.valid_to) != unit.valid_to:
        abolish_unit(unit, on=validity["valid_to"], by=by)
        changed = True
    if _differing(unit, {key: value for key, value in validity.items() if key == "valid_from"}):
        facts["valid_from"], changed = validity["valid_from"], True
    change_unit(unit, by=by, **facts)
    return CHANGED if changed else SAME


def _take_division(row: Row, report: Report, by: User | None) -> str:
    unit, name = _unit_by_code(row.required("单位编码")), row.required("内设机构")
    facts = _known(sort=row.number("排序"))
    division = Division.objects.filter(unit=unit, name=name).first()
    if division is None:
        create_division(unit, name=name, by=by, **facts)
        return CREATED
    changed = _differing(division, facts)
    change_division(division, by=by, **facts)
    return CHANGED if changed else SAME


def _place_of(row: Row) -> tuple[Unit, Division | None, str]:
    unit, name = _unit_by_code(row.required("单位编码")), row.text("内设机构")
    division = Division.objects.filter(unit=unit, name=name).first() if name else None
    if name and division is None:
        raise Refused(f"{unit.label}没有内设机构“{name[:40]}”，请先登记")
    return unit, division, row.required("职位")


def _take_position(row: Row, report: Report, by: User | None) -> str:
    unit, division, title = _place_of(row)
    roles = row.choices("角色", list(ROLES.items()))
    facts = _known(
        duties=row.text("职责"),
        roles=sorted(set(roles)) if roles else None,
        administrator=row.choice("管理员", AdministratorKind.choices),
        sort=row.number("排序"),
    )
    position = Position.objects.filter(unit=unit, division=division, title=title).first()
    if position is None:
        create_position(unit, title=title, division=division, by=by, **facts)
        return CREATED
    changed = _differing(position, facts)
    change_position(position, by=by, **facts)
    return CHANGED if changed else SAME


def _take_appointment(row: Row, report: Report, by: User | None) -> str:
    unit, division, title = _place_of(row)
    position = Position.objects.filter(unit=unit, division=division, title=title).first()
    if position is None:
        place = f"{unit.label}{division.name if division else ''}"
        raise Refused(f"{place}没有职位“{title[:40]}”，请先登记")
    from_date, to_date = row.day("任职日期"), row.day("免职日期")
    person, is_new = _person_of(row, by)
    held = Appointment.objects.filter(person=person, position=position)
    # The same term of office: the one that touches the row's days; an open row means the present.
    first = from_date or to_date or localdate()
    held = held.filter(Q(to_date=None) | Q(to_date__gte=first)).order_by("from_date").first()
    if held is None or (to_date and held.from_date > to_date):
        appoint(person, position, from_date=from_date, to_date=to_date, by=by)
        if is_new:
            report.people_without_password.append(person.username)
        return CREATED
    if from_date and held.from_date != from_date:
        raise Refused(f"{person}已自{held.from_date.isoformat()}起担任该职位，任职日期不一致")
    if to_date and held.to_date != to_date:
        end_appointment(held, on=to_date, by=by)
        return CHANGED
    return SAME


def _person_of(row: Row, by: User | None) -> tuple[User, bool]:
    username, full_name = User.normalize_username(row.required("账号")), row.text("姓名")
    person = User.objects.filter(username=username).first()
    if person is None:
        person = create_user(
            username,
            full_name=row.required("姓名"),
            kind=UserKind.STAFF,
            phone=row.text("手机号码"),
            email=row.text("电子邮箱"),
            must_change_password=True,
            by=by,
        )
        return person, True
    if full_name and full_name != person.full_name:
        raise Refused(f"账号“{username}”属于{person.full_name}，与姓名“{full_name[:20]}”不一致")
    return person, False


HANDLERS: dict[str, Callable[[Row, Report, User | None], str]] = {
    "单位": _take_unit,
    "内设机构": _take_division,
    "职位": _take_position,
    "任职": _take_appointment,
}
