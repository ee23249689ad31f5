"""Whether a connection broke before it stood."""

from collections.abc import Iterator
from traceback import walk_tb


def broke_while_connecting(failure: BaseException) -> bool:
    """Whether what lies behind `failure` came out of a connection's `connect`, TLS included: no request was written.

    The libraries on urllib3 give an end of the line in the handshake and one in the middle of a request the same type;
    only where it was raised tells them apart.
    """
    return any(
        frame.f_code.co_name == "connect" for cause in _causes(failure) for frame, _ in walk_tb(cause.__traceback__)
    )


def _causes(failure: BaseException) -> Iterator[BaseException]:
    waiting, seen = [failure], set[int]()
    while waiting:
        cause = waiting.pop()
        if id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            behind = (cause.__cause__, cause.__context__, *cause.args)
            waiting.extend(each for each in behind if isinstance(each, BaseException))
