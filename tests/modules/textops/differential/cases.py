"""Calls of textops, textopsx and siputils: what they return and what they make of the message."""

# ruff: noqa: E501 - rows of data

CALLS = """
is_method("INVITE")
is_method("BYE|INVITE")
is_method("BYE")
is_method("BYE|CANCEL|ACK")
has_totag()
is_request()
is_reply()
search("Bob")
search("alice")
search("^Via")
search("nothing here")
search_body("v=")
search_body("^v=0")
search_body("o=")
search_hf("X-Test", "two", "a")
search_hf("X-Test", "two", "f")
search_hf("X-Test", "three", "l")
search_hf("None", "two", "a")
search_str("abc", "B")
search_str("abc", "^b")
is_present_hf("X-Test")
is_present_hf("x-test")
is_present_hf("i")
is_present_hf("Subject")
is_present_hf("s")
is_present_hf_re("^X-")
is_present_hf_re("^Y-")
has_body()
has_body("application/sdp")
has_body("text/plain")
in_list("b", "a,b,c", ",")
in_list("d", "a,b,c", ",")
in_list("a", "a", ",")
in_list("", "a,b", ",")
in_list_prefix("bcd", "a,bc,c", ",")
in_list_prefix("b", "a,bc,c", ",")
cmp_str("a", "a")
cmp_str("a", "A")
cmp_istr("a", "A")
cmp_istr("a", "b")
starts_with("abc", "ab")
starts_with("abc", "bc")
starts_with("ab", "abc")
ends_with("abc", "bc")
ends_with("abc", "ab")
ends_with("bc", "abc")
str_find("abc", "b")
str_find("abc", "z")
str_ifind("abc", "B")
is_privacy("id")
is_audio_on_hold()
is_uri("sip:a@b")
is_uri("bob")
is_uri("tel:+1")
is_e164("+123")
is_e164("123")
is_e164("+1")
is_e164("+1234567890123456")
is_uri_user_e164("sip:+123@h")
is_uri_user_e164("sip:bob@h")
is_tel_number("+123")
is_tel_number("12a")
is_numeric("123")
is_numeric("+123")
is_alphanum("a1")
is_alphanum("a-1")
is_alphanumex("a-1", "-")
is_alphanumex("a.1", "-")
cmp_uri("sip:a@B.com", "sip:a@b.com")
cmp_uri("sip:a@b.com", "sip:A@b.com")
cmp_uri("sip:a@b.com", "sip:a@b.com:5060")
cmp_uri("sip:a@b.com;transport=tcp", "sip:a@b.com")
cmp_uri("sip:a@b.com;x=1", "sip:a@b.com")
cmp_aor("sip:a@b.com:5060;x=1", "sip:a@b.com")
cmp_aor("sip:a@b.com", "sip:c@b.com")
cmp_hdr_name("i", "Call-ID")
cmp_hdr_name("call-id", "Call-ID")
cmp_hdr_name("a", "b")
uri_param("x")
uri_param("x", "1")
uri_param("x", "2")
uri_param("nope")
uri_param("transport", "tcp")
uri_param_any("x")
uri_param_any("nope")
is_first_hop()
is_gruu()
is_supported("path")
fnmatch("$rU", "b*b")
fnmatch("$rU", "B*")
fnmatch("$rU", "B*", "i")
hf_value_exists("Supported", "path")
is_user("alice")
tel2sip("tel:+1", "h.com", "$var(t)")
tel2sip("sip:a@b", "h.com", "$var(t)")
""".strip().splitlines()

EDITS = r"""
remove_hf("X-Test");
remove_hf("x-test");
remove_hf("None");
remove_hf("Route");
remove_hf_re("^X-");
remove_hf_exp("^[XU]", "^X-");
remove_hf_idx("X-Test", "0");
remove_hf_idx("X-Test", "1");
remove_hf_idx("X-Test", "-1");
remove_hf_idx("X-Test", "9");
remove_hf_match("X-Test", "eq", "two");
remove_hf_match("X-Test", "ne", "two");
remove_hf_match("X-Test", "in", "o");
remove_hf_match("X-Test", "re", "^t");
append_hf("A: 1\r\n");
append_hf("A: $rU\r\n");
append_hf("A: 1\r\n"); append_hf("B: 2\r\n");
append_hf("A: 1\r\n", "Call-ID");
append_hf("A: 1\r\n", "X-Test");
append_hf("A: 1\r\n", "None");
insert_hf("A: 1\r\n");
insert_hf("A: 1\r\n"); insert_hf("B: 2\r\n");
insert_hf("A: 1\r\n", "Call-ID");
insert_hf("A: 1\r\n", "X-Test");
remove_hf("X-Test"); append_hf("X-Test: new\r\n");
append_urihf("P: ", "\r\n");
replace("alice", "zoe");
replace_all("alice", "zoe");
replace_hdrs("alice", "zoe");
replace_body("v=0", "v=1");
replace_body_all("v=0", "v=1");
replace_body_atonce("v=0", "v=1");
replace_body("none", "v=1");
replace_str("alice", "zoe", "f");
replace_str("alice", "zoe", "a");
replace_hdrs_str("alice", "zoe", "a");
replace_body_str("v=0", "v=22", "a");
subst('/alice/zoe/');
subst('/alice/zoe/g');
subst('/(al)ice/\1-/');
subst('/alice/$rU/g');
subst_body('/v=(.)/w=\1/');
subst_hf("X-Test", '/t(.)/T\1/', "a");
subst_hf("X-Test", '/t/T/', "f");
subst_hf("X-Test", '/t/T/', "l");
subst_user('/bob/carol/');
subst_uri('/bob/carol/');
search_append("alice", "-x");
search_append_body("v=", "9");
set_body("hello", "text/plain");
remove_body();
keep_hf("X-Test");
keep_hf();
$fU = "zoe";
$fu = "sip:new@h";
$fn = "\"Zoe\"";
$tn = "Bob";
$tU = "new";
$td = "h.org";
$rU = "carol";
append_hf_value("X-Test", "z");
append_hf_value("X-Test[1]", "z");
append_hf_value("X-Test[-1]", "z");
insert_hf_value("X-Test", "z");
insert_hf_value("X-Test[2]", "z");
remove_hf_value("X-Test");
remove_hf_value("X-Test[*]");
remove_hf_value("Contact[1].expires");
assign_hf_value("X-Test[2]", "n");
assign_hf_value("Contact[1].expires", "5");
assign_hf_value("Contact[2].q", "1");
include_hf_value("Supported", "path");
include_hf_value("X-Test", "four");
exclude_hf_value("X-Test", "two");
hf_iterator_start("i"); while(hf_iterator_next("i")) { if($hfitname(i) =~ "^X-") hf_iterator_rm("i"); } hf_iterator_end("i");
hf_iterator_start("i"); hf_iterator_next("i"); hf_iterator_append("i", "A: 1\r\n"); hf_iterator_end("i");
hf_iterator_start("i"); hf_iterator_next("i"); hf_iterator_insert("i", "A: 1\r\n"); hf_iterator_end("i");
append_hf("A: 1\r\n"); msg_apply_changes();
remove_hf("X-Test"); append_hf("X-Test: n\r\n"); msg_apply_changes(); $var(r) = $hdrc(X-Test); append_hf("Count: $var(r)\r\n");
rewriteuser("zoe"); msg_apply_changes();
add_uri_param("y=2");
uri_param_rm("x");
encode_contact("enc", "9.9.9.9");
""".strip().splitlines()


def bodies() -> list[str]:
    """Each as the body of a route; what is logged stands between brackets."""
    found = [f'$var(r) = {call}; xlog("[$var(r)]\\n");' for call in CALLS]
    return found + [f'{edit} xlog("[$(mbu{{s.encode.hexa}})]\\n");' for edit in EDITS]
