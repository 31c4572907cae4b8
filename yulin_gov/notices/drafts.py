"""What a caller says when it wants somebody told."""

from dataclasses import dataclass

from yulin_gov.privacy.models import DataKey

from .enums import INSIDE, Channel
from .models import Notice

KEY_LENGTH = Notice._meta.get_field("idempotency_key").max_length
TITLE_LENGTH = Notice._meta.get_field("title").max_length
BODY_LENGTH = Notice._meta.get_field("body").max_length


@dataclass(frozen=True, kw_only=True)
class NoticeDraft:
    """One thing to tell, to a unit's role, a user, or a citizen's phone or e-mail.

    `key` says which telling this is: the same key is told once, however often it is posted.
    `kind` is the sort of notice (“casework.overdue”), `subject_key` what it is about (“case:12”),
    by which it can be withdrawn. Giving `phone` or `email` asks for SMS or e-mail as well as for
    `channels`; they are kept sealed under `data_key`, or under a key of the notice's own.
    Of a role's holders, deputies whose delegation does not cover `case_kind` are not told, nor are
    the people of `except_user_ids`, nor whoever acts for these: who must not see a case must not
    hear of it. `url` is a path of this site. Title and body are cut to what the tables hold.

    Raises ValueError for a draft without a single clear addressee: that is a mistake in code.
    """

    key: str
    kind: str
    title: str
    body: str = ""
    url: str = ""
    unit_id: int | None = None
    role: str = ""
    case_kind: str = ""
    except_user_ids: tuple[int, ...] = ()
    user_id: int | None = None
    phone: str | None = None
    email: str | None = None
    data_key: DataKey | None = None
    subject_key: str = ""
    urgent: bool = False
    channels: tuple[str, ...] = (Channel.INBOX, Channel.DESKTOP)

    def __post_init__(self) -> None:
        to_role = self.unit_id is not None or bool(self.role)
        to_person = self.user_id is not None or self.has_contact
        if to_role and (to_person or self.unit_id is None or not self.role):
            raise ValueError("A notice to a role names unit and role, and nobody else.")
        if not to_role and not to_person:
            raise ValueError("A notice needs somebody to tell.")
        if not self.key or len(self.key) > KEY_LENGTH:
            raise ValueError(f"A notice's key has 1 to {KEY_LENGTH} characters.")
        if self.url and (not self.url.startswith("/") or self.url[1:2] in ("/", "\\")):
            raise ValueError("A notice links to a path of this site.")
        if not self.all_channels:
            raise ValueError("A notice needs a channel.")
        for channel in self.channels:
            Channel(channel)

    @property
    def has_contact(self) -> bool:
        return bool(self.phone or self.email)

    @property
    def all_channels(self) -> list[str]:
        """The asked channels that this addressee has, with those of the contact, without repeats."""
        has_account = self.user_id is not None or self.unit_id is not None
        asked = [str(channel) for channel in self.channels if has_account or channel not in INSIDE]
        asked += [str(Channel.SMS)] if self.phone else []
        asked += [str(Channel.EMAIL)] if self.email else []
        return list(dict.fromkeys(asked))
