"""The one exception for “no”: a refusal is a sentence a person can read."""


class Refused(Exception):
    """Something the platform will not do, said in Chinese to whoever asked for it.

    `field` names the form field the sentence belongs beside, where there is one.
    """

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
