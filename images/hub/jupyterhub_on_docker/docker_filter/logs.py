"""Where a server's log goes: where the settings say, or a file that does not fill the engine's disk."""

from collections.abc import Mapping

from pydantic import ValidationError

from ..config.spawner import LogDriver
from .bodies import LogOptions
from .denied import Denied


def check_log(wanted: LogDriver | None, driver: str, options: Mapping[str, str]) -> None:
    if wanted is not None:
        if (driver, options) != (wanted.driver, wanted.options):
            raise Denied(f"the log does not go to {wanted.driver!r} with the options of the settings")
        return
    try:
        LogOptions.model_validate(options)
    except ValidationError:
        raise Denied("the log's options are not max-size of megabytes and max-file of one digit") from None
    if driver != "json-file":
        raise Denied(f"the log goes to {driver!r}, and not to 'json-file'")
