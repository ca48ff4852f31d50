"""What the script stores: $var $vn $shv $avp $xavp $xavu $xavi, flags. A file a kind; no view on the message."""

from .avp import AVP
from .counting import COUNT
from .flags import FLAGS
from .script_var import SCRIPT_VARS
from .shv import SHV
from .xavp import XAVP
from .xavu import XAVU

STORES = (*SCRIPT_VARS, *AVP, *XAVP, *XAVU, *COUNT, *FLAGS, *SHV)
