"""textops: searches and edits of headers and body. Edits are recorded and show in what is sent."""

from ...cfg.argtypes import Int, PvRead, Raw, Regex, RouteType, Str, Subst
from ...core.sr_module import CmdExport, ModuleExports
from . import body, compare, headers, methods, replace, search
from .variables import RE

_RFB = RouteType.REQUEST | RouteType.FAILURE | RouteType.BRANCH
_RFBO = _RFB | RouteType.ONREPLY

exports = ModuleExports(
    name="textops",
    cmds=(
        CmdExport("is_method", methods.is_method, (Str,), specialise=methods.method_test),
        CmdExport("search", search.search, (Regex,)),
        CmdExport("search_body", search.search_body, (Regex,)),
        CmdExport("search_hf", search.search_hf, (Str, Regex, Str)),
        CmdExport("search_str", search.search_str, (Str, Regex)),
        CmdExport("search_append", search.search_append, (Regex, Str)),
        CmdExport("search_append_body", search.search_append_body, (Regex, Str)),
        CmdExport("replace", replace.replace, (Regex, Str)),
        CmdExport("replace_all", replace.replace_all, (Regex, Str)),
        CmdExport("replace_hdrs", replace.replace_hdrs, (Regex, Str)),
        CmdExport("replace_body", replace.replace_body, (Regex, Str)),
        CmdExport("replace_body_all", replace.replace_body_all, (Regex, Str)),
        CmdExport("replace_body_atonce", replace.replace_body_atonce, (Regex, Str)),
        CmdExport("replace_str", replace.replace_str, (Str, Str, Str)),
        CmdExport("replace_hdrs_str", replace.replace_hdrs_str, (Str, Str, Str)),
        CmdExport("replace_body_str", replace.replace_body_str, (Str, Str, Str)),
        CmdExport("subst", replace.subst, (Subst,)),
        CmdExport("subst_uri", replace.subst_uri, (Subst,)),
        CmdExport("subst_user", replace.subst_user, (Subst,)),
        CmdExport("subst_body", replace.subst_body, (Subst,)),
        CmdExport("subst_hf", replace.subst_hf, (Str, Subst, Str)),
        CmdExport("append_hf", headers.append_hf, (Str, Str), min_params=1),
        CmdExport("insert_hf", headers.insert_hf, (Str, Str), min_params=1),
        CmdExport("append_urihf", headers.append_urihf, (Str, Str), routes=_RFB),
        CmdExport("append_to_reply", headers.append_to_reply, (Str,), routes=_RFB),
        CmdExport("append_time", headers.append_time, routes=_RFB),
        CmdExport("append_time_to_request", headers.append_time_to_request, routes=_RFB),
        CmdExport("is_present_hf", headers.is_present_hf, (Str,), specialise=headers.presence_test),
        CmdExport("is_present_hf_re", headers.is_present_hf_re, (Regex,)),
        CmdExport("is_present_hf_pv", headers.is_present_hf_pv, (PvRead,)),
        CmdExport("remove_hf", headers.remove_hf, (Str,), specialise=headers.remover),
        CmdExport("remove_hf_re", headers.remove_hf_re, (Regex,)),
        CmdExport("remove_hf_exp", headers.remove_hf_exp, (Regex, Regex)),
        CmdExport("remove_hf_pv", headers.remove_hf_pv, (PvRead,)),
        CmdExport("remove_hf_idx", headers.remove_hf_idx, (Str, Int)),
        CmdExport("remove_hf_match", headers.remove_hf_match, (Str, Raw, Str)),
        CmdExport("has_body", body.has_body, (Str,), min_params=0),
        CmdExport("set_body", body.set_body, (Str, Str), routes=_RFBO),
        CmdExport("set_reply_body", body.set_reply_body, (Str, Str), routes=_RFBO),
        CmdExport("filter_body", body.filter_body, (Str,)),
        CmdExport("is_audio_on_hold", body.is_audio_on_hold),
        CmdExport("is_privacy", headers.is_privacy, (Str,)),
        CmdExport("in_list", compare.in_list, (Str, Str, Str)),
        CmdExport("in_list_prefix", compare.in_list_prefix, (Str, Str, Str)),
        CmdExport("cmp_str", compare.cmp_str, (Str, Str)),
        CmdExport("cmp_istr", compare.cmp_istr, (Str, Str)),
        CmdExport("starts_with", compare.starts_with, (Str, Str)),
        CmdExport("ends_with", compare.ends_with, (Str, Str)),
        CmdExport("str_find", compare.str_find, (Str, Str)),
        CmdExport("str_ifind", compare.str_ifind, (Str, Str)),
    ),
    transformations=RE,
)
