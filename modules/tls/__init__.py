"""tls: SIP over TLS (RFC 3261 26.2), with Python's ssl; profiles by address and by the name that a client asks for."""

from ...cfg.argtypes import RouteType, Str
from ...core.sr_module import CmdExport, ModuleExports, RpcExport
from . import functions, listing, rpc
from .connections import EVENT
from .lifecycle import check, child_init, destroy, init, settled
from .selects import select
from .settings import params
from .variables import items

exports = ModuleExports(
    name="tls",
    cmds=(
        CmdExport("is_peer_verified", functions.is_peer_verified, routes=RouteType.REQUEST),
        CmdExport("tls_set_connect_server_id", functions.tls_set_connect_server_id, (Str,)),
    ),
    kemi=(
        CmdExport("set_connect_server_id", functions.tls_set_connect_server_id, (Str,)),
        CmdExport("cget", functions.cget, (Str,)),
    ),
    params=params,
    items=items,
    selects={"tls": select},
    rpcs=(
        RpcExport("tls.info", listing.info, "How many connections there are, and what waits in them"),
        RpcExport("tls.list", listing.listed, "All connections"),
        RpcExport("tls.reload", rpc.reload, "Read tls.cfg again, for new connections"),
        RpcExport("tls.options", rpc.options, "The parameters of the module"),
    ),
    check=check,
    init=init,
    child_init=child_init,
    settled=settled,
    destroy=destroy,
    event_routes=(EVENT,),
    event_callbacks={EVENT: "event_callback"},
)
