"""registrar: REGISTER (RFC 3261 10), Path (RFC 3327), GRUU (RFC 5627), and lookups that route to what is registered."""

from ...cfg.argtypes import Int, RouteType, Str
from ...core.sr_module import CmdExport, ModuleExports
from . import contacts_pv, lookup, registered, reply, save, sock_hdr
from .lifecycle import child_init, init, settled
from .location import declare
from .settings import params
from .stats import stats

ROUTES = RouteType.REQUEST | RouteType.FAILURE
SAVE_ROUTES = ROUTES | RouteType.ONREPLY

exports = ModuleExports(
    name="registrar",
    cmds=(
        CmdExport("save", save.save, (Str, Int, Str), 1, SAVE_ROUTES, save.specialise, declare=declare),
        CmdExport("lookup", lookup.lookup, (Str, Str), 1, ROUTES, lookup.specialise, declare=declare),
        CmdExport("lookup_to_dset", lookup.lookup_to_dset, (Str, Str), 1, ROUTES, declare=declare),
        CmdExport("lookup_branches", lookup.lookup_branches, (Str,), routes=ROUTES, declare=declare),
        CmdExport("registered", registered.registered, (Str, Str, Int, Int), 1, declare=declare),
        CmdExport("unregister", registered.unregister, (Str, Str, Str), 2, declare=declare),
        CmdExport("add_sock_hdr", sock_hdr.add_sock_hdr, (Str,), routes=RouteType.REQUEST),
        CmdExport(
            "reg_fetch_contacts", contacts_pv.reg_fetch_contacts, (Str, Str, Str), routes=ROUTES, declare=declare
        ),
        CmdExport("reg_free_contacts", contacts_pv.reg_free_contacts, (Str,), routes=ROUTES),
        CmdExport("reg_send_reply", reply.reg_send_reply, routes=ROUTES),
    ),
    kemi=(
        CmdExport("save_uri", save.save, (Str, Int, Str), specialise=save.specialise, declare=declare),
        CmdExport("lookup_uri", lookup.lookup, (Str, Str), specialise=lookup.specialise, declare=declare),
        CmdExport("registered_uri", registered.registered, (Str, Str), declare=declare),
        CmdExport("registered_flags", registered.registered, (Str, Str, Int), declare=declare),
        CmdExport("registered_action", registered.registered, (Str, Str, Int, Int), declare=declare),
        CmdExport("unregister_ruid", registered.unregister, (Str, Str, Str), declare=declare),
    ),
    params=params,
    stats=stats,
    items=contacts_pv.items,
    requires=("usrloc",),
    init=init,
    child_init=child_init,
    settled=settled,
    event_routes=("usrloc:contact-expired",),
    event_callbacks={"usrloc:contact-expired": "event_callback"},
)  # fmt: skip
