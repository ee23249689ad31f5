"""What can go wrong, as types that carry facts. `bot/conversation/errors/` turns each into words."""

from datetime import timedelta


class RestaurantError(Exception):
    """Everything Tiffin raises on purpose. Facts are attributes; `str()` is for logs, never for guests."""

    def __init__(self, **facts: object) -> None:
        super().__init__(", ".join(f"{name}={value!r}" for name, value in facts.items()))
        for name, value in facts.items():
            setattr(self, name, value)


class DomainError(RestaurantError):
    """The guest (or cook, or owner) can act on it."""


class InvalidInput(DomainError):
    """What was said cannot be used; `field` names what was asked for."""

    field: str = ""


class NotFound(DomainError):
    pass


class Conflict(DomainError):
    """The world moved on; what was tapped no longer applies."""


class Forbidden(DomainError):
    pass


class TooManyAttempts(DomainError):
    """Asked too often; `retry_after` says how long to wait, `reason` which limit was met."""

    reason: str = ""

    def __init__(self, *, retry_after: timedelta, **facts: object) -> None:
        super().__init__(retry_after=retry_after, **facts)
        self.retry_after = retry_after


class ProviderError(RestaurantError):
    """SMS, payments or a chat service failed. `retryable` says whether trying again can help."""

    def __init__(self, provider: str, *, retryable: bool, **facts: object) -> None:
        super().__init__(provider=provider, retryable=retryable, **facts)
        self.provider = provider
        self.retryable = retryable


class StoreError(RestaurantError):
    """Our own database: apologise, log, page someone."""

    def __init__(self, what: str, **facts: object) -> None:
        super().__init__(what=what, **facts)
        self.what = what


class SettingsError(RestaurantError):
    """The environment is unfit to start in; `problems` holds one sentence for each missing or weak setting."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(problems=problems)
        self.problems = problems
