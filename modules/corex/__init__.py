"""corex: more functions of the core: sockets, raw sending, extended flags, files."""

from ...cfg.argtypes import Int, PvWrite, RouteType, Str
from ...core.functions.branches import append_branch
from ...core.sr_module import CmdExport, ModuleExports, ParamExport, RpcExport
from . import files, flags, rpc, sending, settings, sockets
from .position import POSITION
from .tr_sock import SOCK

_RF = RouteType.REQUEST | RouteType.FAILURE

exports = ModuleExports(
    name="corex",
    cmds=(
        CmdExport("append_branch", append_branch, (Str, Str), min_params=0, routes=_RF),
        CmdExport("forward_reply", sending.forward_reply, routes=RouteType.CORE_ONREPLY),
        CmdExport("send_udp", sending.send_udp, (Str,), min_params=0, routes=_RF, aliases=("send",)),
        CmdExport("send_tcp", sending.send_tcp, (Str,), min_params=0, routes=_RF),
        CmdExport("send_data", sending.send_data, (Str, Str)),
        CmdExport("sendx", sending.sendx, (Str, Str, Str)),
        CmdExport("set_send_socket", sockets.set_send_socket, (Str,)),
        CmdExport("set_send_socket_name", sockets.set_send_socket, (Str,)),
        CmdExport("set_recv_socket", sockets.set_recv_socket, (Str,)),
        CmdExport("set_recv_socket_name", sockets.set_recv_socket, (Str,)),
        CmdExport("set_source_address", sockets.set_source_address, (Str,)),
        CmdExport("is_socket_name", sockets.is_socket_name, (Str,)),
        CmdExport("setxflag", flags.setxflag, (Int,)),
        CmdExport("resetxflag", flags.resetxflag, (Int,)),
        CmdExport("isxflagset", flags.isxflagset, (Int,)),
        CmdExport("msg_iflag_set", flags.msg_iflag_set, (Str,)),
        CmdExport("msg_iflag_reset", flags.msg_iflag_reset, (Str,)),
        CmdExport("msg_iflag_is_set", flags.msg_iflag_is_set, (Str,)),
        CmdExport("is_faked_msg", flags.is_faked_msg),
        CmdExport("file_read", files.file_read, (Str, PvWrite)),
        CmdExport("file_write", files.file_write, (Str, Str)),
    ),
    kemi=(
        CmdExport("append_branch_uri", append_branch, (Str,)),
        CmdExport("append_branch_uri_q", append_branch, (Str, Str)),
        CmdExport("file_read", files.content, (Str,)),
        CmdExport("has_ruri_user", flags.has_ruri_user),
        CmdExport("has_user_agent", flags.has_user_agent),
    ),
    params=(ParamExport("alias_subdomains", bytes, setter=settings.alias_subdomains),),
    rpcs=(
        RpcExport("corex.list_sockets", rpc.list_sockets, "The listening sockets"),
        RpcExport("corex.list_aliases", rpc.list_aliases, "Names of this server besides its sockets"),
        RpcExport("corex.debug", rpc.debug, "The log level, or set it: [level]"),
    ),
    items=(*sockets.LSOCK, *POSITION),
    transformations=SOCK,
)
