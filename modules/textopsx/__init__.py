"""textopsx: edits made real at once, single values of header lists, walks over headers and body lines."""

from ...cfg.argtypes import Int, Raw, Regex, RouteType, Str
from ...core.sr_module import CmdExport, ModuleExports
from . import buffer, iterators, match, status, values
from .iterators import ITERATORS

_RO = RouteType.REQUEST | RouteType.CORE_ONREPLY
_REPLY = RouteType.ONREPLY
_ROFB = RouteType.REQUEST | RouteType.ONREPLY | RouteType.FAILURE | RouteType.BRANCH

exports = ModuleExports(
    name="textopsx",
    cmds=(
        CmdExport("msg_apply_changes", buffer.msg_apply_changes, routes=_RO),
        CmdExport("msg_set_buffer", buffer.msg_set_buffer, (Str,), routes=_RO),
        CmdExport("change_reply_status", status.change_reply_status, (Int, Str), routes=_REPLY),
        CmdExport("change_reply_status_code", status.change_reply_status_code, (Int,), routes=_REPLY),
        CmdExport("remove_body", match.remove_body),
        CmdExport("keep_hf", match.keep_hf, (Regex,), min_params=0),
        CmdExport("fnmatch", match.fnmatch, (Str, Str, Raw), min_params=2),
        CmdExport("append_hf_value", values.append_hf_value, (Raw, Str), routes=_ROFB),
        CmdExport("insert_hf_value", values.insert_hf_value, (Raw, Str), routes=_ROFB),
        CmdExport("remove_hf_value", values.remove_hf_value, (Raw,), routes=_ROFB),
        CmdExport("remove_hf_value2", values.remove_hf_value2, (Raw,), routes=_ROFB),
        CmdExport("assign_hf_value", values.assign_hf_value, (Raw, Str), routes=_ROFB),
        CmdExport("assign_hf_value2", values.assign_hf_value2, (Raw, Str), routes=_ROFB),
        CmdExport("include_hf_value", values.include_hf_value, (Raw, Str), routes=_ROFB),
        CmdExport("exclude_hf_value", values.exclude_hf_value, (Raw, Str), routes=_ROFB),
        CmdExport("hf_value_exists", values.hf_value_exists, (Raw, Str), routes=_ROFB),
        CmdExport("hf_iterator_start", iterators.hf_start, (Str,)),
        CmdExport("hf_iterator_end", iterators.hf_end, (Str,)),
        CmdExport("hf_iterator_next", iterators.hf_next, (Str,)),
        CmdExport("hf_iterator_prev", iterators.hf_prev, (Str,)),
        CmdExport("hf_iterator_rm", iterators.hf_rm, (Str,)),
        CmdExport("hf_iterator_append", iterators.hf_append, (Str, Str)),
        CmdExport("hf_iterator_insert", iterators.hf_insert, (Str, Str)),
        CmdExport("bl_iterator_start", iterators.bl_start, (Str,)),
        CmdExport("bl_iterator_end", iterators.bl_end, (Str,)),
        CmdExport("bl_iterator_next", iterators.bl_next, (Str,)),
        CmdExport("bl_iterator_rm", iterators.bl_rm, (Str,)),
        CmdExport("bl_iterator_append", iterators.bl_append, (Str, Str)),
        CmdExport("bl_iterator_insert", iterators.bl_insert, (Str, Str)),
    ),
    kemi=(
        CmdExport("keep_hf_re", match.keep_hf, (Regex,)),
        CmdExport("fnmatch_ex", match.fnmatch, (Str, Str, Raw)),
        CmdExport("hf_iterator_hname", iterators.header_name, (Str,)),
        CmdExport("hf_iterator_hbody", iterators.header_body, (Str,)),
        CmdExport("bl_iterator_value", iterators.body_line, (Str,)),
    ),
    items=ITERATORS,
)
