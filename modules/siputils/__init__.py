"""siputils: checks and rewriting helpers for requests, URIs and numbers."""

from ...cfg.argtypes import Int, PvWrite, RouteType, Str
from ...core.sr_module import CmdExport, ModuleExports, ParamExport, keeping
from . import checks, contact, contact_param, identity, options, uri
from .settings import settings

_R = RouteType.REQUEST
_RO = RouteType.REQUEST | RouteType.ONREPLY
_RFB = RouteType.REQUEST | RouteType.FAILURE | RouteType.BRANCH

exports = ModuleExports(
    name="siputils",
    cmds=(
        CmdExport("options_reply", options.options_reply, routes=_R),  # event_route[sl:local-response] runs
        *keeping(
            CmdExport("has_totag", checks.has_totag),
            CmdExport("is_request", checks.is_request),
            CmdExport("is_reply", checks.is_reply),
            CmdExport("is_uri", checks.is_uri, (Str,)),
            CmdExport("is_e164", checks.is_e164, (Str,)),
            CmdExport("is_uri_user_e164", checks.is_uri_user_e164, (Str,)),
            CmdExport("is_tel_number", checks.is_tel_number, (Str,)),
            CmdExport("is_numeric", checks.is_numeric, (Str,)),
            CmdExport("is_alphanum", checks.is_alphanum, (Str,)),
            CmdExport("is_alphanumex", checks.is_alphanumex, (Str, Str)),
            CmdExport("is_supported", checks.is_supported, (Str,)),
            CmdExport("is_first_hop", checks.is_first_hop, (Int,), min_params=0),
            CmdExport("is_gruu", checks.is_gruu, (Str,), min_params=0),
            CmdExport("is_user", checks.is_user, (Str,), routes=_R),
            CmdExport("hdr_date_check", checks.hdr_date_check, (Int,), routes=_R),
            CmdExport("cmp_uri", uri.cmp_uris, (Str, Str)),
            CmdExport("cmp_aor", uri.cmp_aor, (Str, Str)),
            CmdExport("cmp_hdr_name", uri.cmp_hdr_name, (Str, Str)),
            CmdExport("uri_param", uri.uri_param, (Str, Str), min_params=1, routes=_R),
            CmdExport("uri_param_any", uri.uri_param_any, (Str,), routes=_R),
            CmdExport("uri_param_rm", uri.uri_param_rm, (Str,), routes=_R),
            CmdExport("add_uri_param", uri.add_uri_param, (Str,), routes=_R),
            CmdExport("get_uri_param", uri.get_uri_param, (Str, PvWrite), routes=_R),
            CmdExport("set_uri_user", uri.set_uri_user, (PvWrite, Str)),
            CmdExport("set_uri_host", uri.set_uri_host, (PvWrite, Str)),
            CmdExport("tel2sip", uri.tel2sip, (Str, Str, PvWrite)),
            CmdExport("tel2sip2", uri.tel2sip, (Str, Str, PvWrite)),
            CmdExport("encode_contact", contact.encode_contact, (Str, Str), routes=_RO),
            CmdExport("decode_contact", contact.decode_contact, routes=_R),
            CmdExport("decode_contact_header", contact.decode_contact_header, routes=_RO),
            CmdExport("contact_param_encode", contact_param.contact_param_encode, (Str, Str), routes=_RO),
            CmdExport("contact_param_decode", contact_param.contact_param_decode, (Str,), routes=_RO),
            CmdExport("contact_param_decode_ruri", contact_param.contact_param_decode_ruri, (Str,), routes=_R),
            CmdExport("contact_param_rm", contact_param.contact_param_rm, (Str,), routes=_RO),
            CmdExport("append_rpid_hf", identity.append_rpid_hf, routes=_RFB),
            CmdExport("append_rpid_hf", identity.append_rpid_hf, (Str, Str), routes=_RFB),
            CmdExport("is_rpid_user_e164", identity.is_rpid_user_e164, routes=_R),
            CmdExport("sip_p_charging_vector", identity.sip_p_charging_vector, (Str,)),
        ),
    ),
    kemi=(
        CmdExport("is_first_hop_mode", checks.is_first_hop, (Int,)),
        CmdExport("uri_param_value", uri.uri_param, (Str, Str)),
    ),
    params=(
        ParamExport("options_accept", bytes, settings),
        ParamExport("options_accept_encoding", bytes, settings),
        ParamExport("options_accept_language", bytes, settings),
        ParamExport("options_support", bytes, settings),
        ParamExport("contact_flds_separator", bytes, settings, setter=settings.set_separator),
        ParamExport("rpid_prefix", bytes, settings),
        ParamExport("rpid_suffix", bytes, settings),
        ParamExport("rpid_avp", bytes, settings, setter=settings.set_rpid_avp),
    ),
    items=identity.PCV,
)
