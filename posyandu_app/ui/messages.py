"""From exceptions to the sentence a person reads."""

import logging
import secrets

from posyandu_app.domain.errors import UserError
from posyandu_app.i18n import tr

log = logging.getLogger(__name__)


def describe(error: BaseException) -> str:
    """The sentence shown for a failure: its own when a person can mend it, else a calm one with a code.

    The code stands in the diary beside the place of the bug, so that whoever helps finds it.
    """
    if isinstance(error, UserError):
        return error.message
    code = secrets.randbelow(9000) + 1000
    log.error("bug %d", code, exc_info=error)
    sentence = tr("Ada yang tidak beres di dalam aplikasi; isian Anda tetap aman. Sebutkan kode {code}.")
    return sentence.format(code=code)
