"""How much of everything is enough. A stranger's file may cost this much and no more."""

from yulin_gov.refused import Refused

MEGABYTE = 1024 * 1024
MAX_BYTES = 20 * MEGABYTE
# What an archive may unfold to, archives inside it included.
MAX_UNFOLDED = 200 * MEGABYTE
MAX_ENTRIES = 2000
MAX_PIXELS = 40_000_000
MAX_NAME = 120  # characters


class Budget:
    """What one upload may still unfold to, in bytes."""

    def __init__(self, size: int = MAX_UNFOLDED) -> None:
        self.left = size

    def spend(self, size: int) -> None:
        """Refused as soon as more was unfolded than is allowed."""
        self.left -= size
        self.check(0)

    def check(self, size: int) -> None:
        """Refused if `size` more would be too much; spends nothing."""
        if size > self.left:
            raise Refused(
                f"文件解压后超过 {MAX_UNFOLDED // MEGABYTE} MB，可能是异常文件，请精简内容后重新上传。"
            )
