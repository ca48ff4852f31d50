"""The parameters of tcpops."""

NEVER, ALWAYS, WHEN_ASKED = 0, 1, 2  # closed_event


class Settings:
    """One instance; modparam writes to it."""

    def __init__(self) -> None:
        self.closed_event = ALWAYS
        self.event_callback = b""  # name of a KEMI function that takes the place of the event routes


settings = Settings()
