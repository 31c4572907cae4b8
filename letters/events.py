"""What the log says about letters. References only: no names, no text of the writer's."""

from yulin_gov.casework.events import EventType, Reader, register_event_types, register_reader


def _follow_transfer(event) -> None:
    from .findable import refind_after_transfer

    refind_after_transfer(event.case_id)


register_event_types(
    EventType("letters.accepted", "受理", {}, public=True),
    EventType("letters.declined", "不予受理", {"reason": str}, public=True),
    EventType("letters.drafted", "拟写答复", {"drafter?": int, "characters": int}),
    EventType("letters.replied", "答复", {"drafter?": int}, public=True),
    EventType("letters.published", "公开", {"drafter?": int, "redactions": int}, public=True),
    EventType("letters.kept_private", "不公开", {"reason": str}),
    EventType("letters.publication_withdrawn", "撤下公开内容", {"reason": str}, public=True),
    EventType("letters.identity_revealed", "查看来信人信息", {"reason": str}),
)
register_reader(Reader("letters.search", ("casework.transferred",), _follow_transfer))
