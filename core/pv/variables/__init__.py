"""The core's variables, a file a subject: views on the message, the process, the clock. Nothing here keeps state.

To add one: a row in the list at the end of the file it belongs to.
"""

from .addresses import ADDRESSES
from .auth import AUTH
from .branches import BRANCHES
from .constants import CONSTANTS
from .destination import DESTINATION
from .from_to import FROM_TO
from .headers import HEADERS
from .identity import IDENTITY
from .message import MESSAGE
from .process import PROCESS
from .reply import REPLY
from .request_uri import REQUEST_URI
from .routes import ROUTES
from .script import SCRIPT
from .select import SELECT
from .time import TIME
from .via import VIA

VARIABLES = (
    *ADDRESSES, *AUTH, *BRANCHES, *CONSTANTS, *DESTINATION, *FROM_TO, *HEADERS, *IDENTITY, *MESSAGE, *PROCESS, *REPLY,
    *REQUEST_URI, *ROUTES, *SCRIPT, *SELECT, *TIME, *VIA,
)  # fmt: skip
