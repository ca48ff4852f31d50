"""Parameters of xlog."""

from ...core.log import facility_number


class Settings:
    """One a process."""

    def __init__(self) -> None:
        self.buf_size = 4096  # bytes of one line; the rest is cut off
        self.force_color = 0  # colours to syslog too
        self.long_format = 0  # xlogl names the file too
        self.prefix = b"<script>: "
        self.prefix_mode = 0  # 1: the prefix is a text with variables
        self.methods_filter = -1  # xlogm is silent for these methods: all
        self.facility: int | None = None
        self.colors: dict[bytes, bytes] = {}  # level -> letters of $C

    def set_facility(self, value: bytes) -> None:
        """LOG_LOCAL0 and its like."""
        self.facility = facility_number(value.decode("latin-1"))

    def add_colors(self, value: bytes) -> None:
        """`L_ERR=cr;L_WARN=px`"""
        for item in value.split(b";"):
            level, equals, letters = item.partition(b"=")
            if item.strip():
                if not equals or len(letters.strip()) != 2:
                    raise ValueError("log_colors is of the form L_ERR=cr;L_WARN=px")
                self.colors[level.strip()] = letters.strip()


settings = Settings()
