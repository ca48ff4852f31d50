"""Script bodies about variables and transformations. `record.py` asks Kamailio for what each of them logs."""

# ruff: noqa: E501, SIM905 - rows of data

#: read from the message of tests.core.pv.messages.INVITE
READ = """
$ru $rU $rUl $rd $rp $rP $rz $rv $rm $rmid $ou $oU $oUl $od $op $oP $du $dd $dp $dP $ds $br $bR $fs $fsn
$nh(u) $nh(U) $nh(d) $nh(p) $nh(P) $fu $fU $fUl $fd $fn $ft $tu $tU $tUl $td $tn $tt $from $to
$ci $cs $csb $cl $ct $cT $ua $bs $rb $ml $mt $mts $rs $rsi $rr $hdr(X-Test) $(hdr(X-Test)[0]) $(hdr(X-Test)[1])
$(hdr(X-Test)[2]) $(hdr(X-Test)[3]) $(hdr(X-Test)[-1]) $(hdr(X-Test)[-3]) $(hdr(X-Test)[*]) $hdr(nope) $hdr(i) $hdr(Call-ID)
$hdr(f) $hdrc(X-Test) $hdrc(nope) $hfl(Contact) $(hfl(Contact)[1]) $hflc(Contact) $hflc(Via) $(hfl(Via)[1])
$via0(host) $via0(port) $via0(proto) $via0(protoid) $via0(branch) $via0(rport) $via0(received) $via0(i)
$via1(host) $via1(port) $via1(proto) $via1(protoid) $via1(branch) $via1(rport) $via1(received) $viaZ(host) $viaZ(branch)
$rt $re $di $dip $dir $dic $ai $(ai[1]) $pu $pU $pd $pn
$au $ad $aU $ar $adu $aa $adn $adc $adr $ado $Au $AU $expires(min) $expires(max)
$msg(len) $msg(body) $msg(body_len) $msg(hdrc) $msg(fline) $rpl(duri) $rpl(dhost)
$si $siz $su $sut $sas $sp $Ri $Rp $Rn $Ru $Rut $Ras $RAi $RAp $RAu $RAut $pr $proto $prid $af(id) $af(name) $conid
$mf $mF $sf $sF $bf $bF $var(none) $vn(none) $avp(none) $xavp(none) $xavp(none=>x) $xavu(none) $cnt($avp(none)) $null
$branch(count) $branch(uri) $K(IPv4) $K(UDP) $K(TCP) $K(WSS) $true $_s(user:$rU) $version(num) $sel(ruri.user) $sel(from.uri)
$sel(cseq.num) $sel(cseq.method) $sel(method) $sel(call_id) $sel(from.tag) $sel(via.branch) $sel(ruri.host) $sel(ruri.port)
$(rU) $(rU{s.len}) $(hdr(X-Test){s.len})
""".split()

#: value, transformations that are tried on it
TRANSFORM: list[tuple[str, str]] = [
    (value, "{" + name + "}")
    for values, names in [
        (
            ["abcd", "", "a", "1234"],
            "s.len s.int s.md5 s.sha256 s.substr,1,0 s.substr,1,2 s.substr,-2,0 s.substr,-3,2 s.substr,0,9 s.substr,-4,0 "
            "s.substr,4,0 s.substr,-5,2 s.strip,2 s.strip,0 s.strip,-1 s.strip,9 s.striptail,1 s.striptail,9 s.prefixes "
            "s.prefixes,2 s.prefixes.quoted,2 s.corehash s.corehash,16 s.encode.hexa s.encode.base64 s.encode.base64t "
            "s.encode.base64url s.encode.base58 s.encode.7bit s.tolower s.toupper s.numeric s.trim s.sha384 s.sha512",
        ),
        (["-5", "+7", " 7", "12abc", "0x1f", "99999999999", "2147483647"], "s.int"),
        (
            ["12,34,56", ",a,", "a;b", "x", ""],
            "s.select,0,, s.select,1,, s.select,2,, s.select,3,, s.select,-1,, s.select,-2,, s.select,-4,, s.select,1,;",
        ),
        (["ab@cd", "a@b@c", "@cd", "ab@", "none", ""], "s.before,@ s.after,@ s.stripto,@ s.count,@"),
        (["abababa", "xyz", ""], "s.replace,ba,X s.replace,aba,X s.replace,a, s.rm,ba s.count,a s.count,z"),
        (["  a b  ", "a", "    ", ""], "s.trim s.ltrim s.rtrim s.rmws"),
        (["(040)1234/567-89", "abc", ""], "s.numeric"),
        (["'ab'", "ab", "'ab", "'"], "s.unquote"),
        (["<sip:a>", "(a]", "[[a]]", "{a}", "", "<"], "s.unbracket"),
        (["0", "1700000000", "x"], "s.ftime,%Y s.ftime,%Y-%m-%d"),
        (["61626364", "6G", "616", "6162 ", ""], "s.decode.hexa"),
        (["YWJjZA==", "YWJjZA", ""], "s.decode.base64 s.decode.base64t"),
        (["YT8-fg==", "a?>~"], "s.decode.base64url s.encode.base64url s.encode.base64"),
        (
            ["a'b", "a b@c;d", "a b;c=d&e", "a%20b%40c", "a%2", "a%20b+c", "x[1]{2}|3", ""],
            "s.escape.common s.unescape.common s.escape.user s.unescape.user s.escape.param s.unescape.param "
            "s.urlencode.param s.urldecode.param s.escape.csv",
        ),
        (
            [
                "sip:alice:pw@Server.COM:5080;transport=tcp;lr;x=1?Subject=hi",
                "sip:alice@h",
                "sip:h",
                "sips:a@h:1;lr=on",
                "tel:+123;phone-context=x",
                "sip:[::1]:5060",
                "bob",
                "<sip:a@b>",
                "",
                "urn:service:sos",
                "sip:+1@h;user=phone;maddr=1.1.1.1;ttl=3;method=BYE;r2=on",
            ],
            "uri.user uri.host uri.domain uri.passwd uri.port uri.params uri.headers uri.transport uri.ttl uri.uparam "
            "uri.maddr uri.method uri.lr uri.r2 uri.scheme uri.param,x uri.param,X uri.param,lr uri.param,nope uri.tosocket",
        ),
        (
            [
                "a=1;B=2;d;e= 5 ",
                "a=1;a=2",
                ";a=1",
                "a=1;b=2;",
                "a",
                "a=",
                "",
                "a=1&b=2",
                "a=1,b=2",
                "a='x;y';b=2",
                "a=x y",
            ],
            "param.value,a param.value,b param.value,d param.value,e param.value,z param.in,a param.in,d param.in,z "
            "param.valueat,0 param.valueat,1 param.valueat,-1 param.valueat,9 param.name,0 param.name,1 param.name,-1 "
            "param.name,9 param.count param.value,b,& param.count,&",
        ),
        (
            ["Bob <sip:a@b>;tag=9;q=0.5", "<sip:a@b>;x=1", "sip:a@b;x=1", "sip:a@b", "'Te st' <sip:a@b>", ""],
            "nameaddr.name nameaddr.uri nameaddr.len tobody.uri tobody.display tobody.tag tobody.user tobody.host "
            "tobody.params",
        ),
        (["sip:127.0.0.1:5060;transport=udp", "sip:1.2.3.4:5061;transport=tls", "sip:h"], "urialias.encode"),
        (["127.0.0.1~5060~1", "127.0.0.1~5060~3", "127.0.0.1~5060~2"], "urialias.decode"),
        (["aXaX", "sip:a@b", "none"], "re.subst,/x/_/gi re.subst,/x/_/i re.subst,/z/_/"),
        (
            ["sip:a@b", "sip:x", "a{1,2}b", "b\nab\nb", ""],
            r"re.subst,|sip:|tel:| re.subst,/^sip:(.*)@(.*)$/\\2-\\1/ re.subst,/^(b)?a/<\\1|\\0>/ re.subst,/b/&/g "
            "re.subst,/^b/X/g re.subst,/b$/X/g re.subst,/a.b/X/ re.subst,/b.a/X/s re.subst,/a/$fd/ re.subst,/b{1,2}/Y/",
        ),
        (
            ["l0\r\nl1\nl2\n", "one", "\n", "", "a\n\nb"],
            "line.count line.at,0 line.at,1 line.at,-1 line.at,9 line.at,-9 line.sw,l1 line.sw,o line.sw,zz line.sw,",
        ),
        (["61F1980C", "e8329bfd06", "6", ""], "s.decode.7bit"),
        (["YT8-fg", "YWJjZA", ""], "s.decode.base64urlt"),
        (["abcd", "a?>~", "ab", ""], "s.encode.base64urlt"),
        (["a@b@c", "ab@"], "s.before,@x s.after,@x s.count,@x s.replace,@, s.rm,@ s.select,-2,@ s.select,0,@"),
        (["a\tb", "a\\nb"], "s.select,1,\\t s.rm,\\t s.rm,\\n s.rmws s.escape.common"),
        (
            ["udp:1.2.3.4:5060", "tcp:1.2.3.4:5061", "udp:[::1]:5060", "udp:1.2.3.4", "sip:1.2.3.4:5060", "udp", ""],
            "sock.host sock.port sock.proto sock.touri",
        ),
        (
            ['a=1;b="x;y";c', "a = 1 ; b = 2", "A=1", "a=1;;b=2", "a=1;b=2,c=3"],
            "param.value,a param.value,b param.in,A param.count param.name,1 param.valueat,1 param.valueat,-2",
        ),
        (
            ['"Te st" <sip:a@b>;tag=9;q=0.5', '"x\\"y" <sip:a@b>', "*", "bad", "<sip:a@b", "tel:+1;x=2"],
            "nameaddr.name nameaddr.uri nameaddr.len tobody.uri tobody.display tobody.tag tobody.user tobody.host tobody.params",
        ),
    ]
    for value in values
    for name in names.split()
]

#: one of each, tried on a number, on undefined and on the empty text
ALL = (
    "s.len s.int s.md5 s.sha256 s.sha384 s.sha512 s.substr,1,2 s.select,0,2 s.strip,1 s.striptail,1 s.stripto,3 s.before,3 "
    "s.after,3 s.count,3 s.replace,2,x s.rm,2 s.rmws s.trim s.rtrim s.ltrim s.tolower s.toupper s.numeric s.unquote "
    "s.unbracket s.prefixes s.prefixes.quoted s.corehash s.ftime,%Y s.encode.hexa s.decode.hexa s.encode.base64 "
    "s.decode.base64 s.encode.base64t s.decode.base64t s.encode.base64url s.decode.base64url s.encode.base64urlt "
    "s.decode.base64urlt s.encode.base58 s.encode.7bit s.decode.7bit s.escape.common s.unescape.common s.escape.user "
    "s.unescape.user s.escape.param s.unescape.param s.urlencode.param s.urldecode.param s.escape.csv uri.user uri.host "
    "uri.domain uri.passwd uri.port uri.params uri.param,x uri.headers uri.transport uri.ttl uri.uparam uri.maddr uri.method "
    "uri.lr uri.r2 uri.scheme uri.tosocket param.value,a param.in,a param.valueat,0 param.name,0 param.count nameaddr.name "
    "nameaddr.uri nameaddr.len tobody.uri tobody.display tobody.tag tobody.user tobody.host tobody.params line.count "
    "line.at,0 line.sw,1 urialias.encode re.subst,/1/2/ sock.host sock.port sock.proto sock.touri"
).split()

#: statements, then what is printed
WRITE = [
    ('$avp(a)="1"; $avp(a)="2"; $avp(a)=3;', "$avp(a) $(avp(a)[0]) $(avp(a)[1]) $(avp(a)[2]) $(avp(a)[3]) $(avp(a)[*])"),
    ('$avp(b)="1"; $avp(b)="2"; $(avp(b)[1])="x";', "$(avp(b)[*]) $cnt($avp(b))"),
    ('$avp(c)="1"; $avp(c)="2"; $(avp(c)[*])="x";', "$(avp(c)[*]) $cnt($avp(c))"),
    ('$avp(d)="1"; $avp(d)="2"; $avp(d)=$null;', "$(avp(d)[*])"),
    ('$avp(e)="1"; $avp(e)="2"; $(avp(e)[*])=$null;', "$avp(e) $cnt($avp(e))"),
    ('$avp(f)="1"; $avp(f)=$avp(nope);', "$avp(f)"),
    ('$avp(g)="1"; $avp(g)=$avp(g);', "$(avp(g)[*])"),
    ('$avp(i:5)="int"; $avp(5)="str"; $avp(s:h)="x";', "$avp(i:5) $avp(5) $avp(s:5) $avp(h)"),
    ('$var(n)="dyn"; $avp(dyn)="v";', "$avp($var(n))"),
    ('$var(k)=1; $avp(l)="a"; $avp(l)="b";', "$(avp(l)[$var(k)])"),
    ('$xavp(a=>x)="1"; $xavp(a=>x)="2";', "$xavp(a=>x) $xavp(a[1]=>x) $xavp(a[-1]=>x) $cnt($xavp(a))"),
    ('$xavp(b=>x)="1"; $xavp(b[0]=>x)="2"; $xavp(b[0]=>y)=7;', "$xavp(b=>x) $xavp(b=>x[1]) $xavp(b=>y) $cnt($xavp(b=>x))"),
    ('$xavp(c=>x)="1"; $xavp(c=>x)=$null;', "$xavp(c=>x)"),
    ('$xavp(d)="plain"; ', "$xavp(d) $xavp(d=>x)"),
    ('$xavp(e=>x)="1"; $xavp(e)=$null;', "$xavp(e) $xavp(e=>x)"),
    ('$xavu(a)="1"; $xavu(a)="2"; $xavu(b=>x)="3"; $xavu(b=>x)="4"; $xavu(b=>y)=5;', "$xavu(a) $xavu(b=>x) $xavu(b=>y)"),
    ('$xavu(c=>x)="1"; $xavu(c=>x)=$null;', "$xavu(c=>x)"),
    ('$xavi(Aa=>Xx)="1";', "$xavi(aA=>xX)"),
    ('$var(a)="x"; $var(a)=$null;', "$var(a)"),
    ('$vn(a)="x"; $vn(a)=$null;', "$vn(a)"),
    ('$shv(a)="x";', "$shv(a) $shv(unset)"),
    ('$shv(b)=5; $shv(b)=$shv(b)+1;', "$shv(b)"),
    ('$shv(c)="x"; $shv(c)=$null;', "[$shv(c)]"),
    ('$ru="sip:x@y:1;z=1";', "$ru $rU $rd $rp $ou"),
    ('$ru="bad";', "$ru $rU"),
    ('$rU="new";', "$ru $rU"),
    ('$rU=$null;', "$ru $rU"),
    ('$rU="";', "$ru $rU"),
    ('$rd="h.org";', "$ru"),
    ('$rp=7;', "$ru $rp"),
    ('$rp="8";', "$ru"),
    ('$rp=$null;', "$ru $rp"),
    ('$du="sip:1.2.3.4:99;transport=tls";', "$du $dd $dp $dP $nh(u) $nh(d) $nh(p) $nh(P)"),
    ('$du="sip:1.2.3.4"; $du=$null;', "$du"),
    ('$du="sip:1.2.3.4"; $du="";', "$du"),
    ('$du="junk";', "$du $dd"),
    ('$fs="udp:127.0.0.1:5060";', "$fs $fsp"),
    ('$fs="udp:9.9.9.9:1";', "$fs"),
    ('setflag(3); setflag(31);', "$mf $mF"),
    ('$mF=17; $bF=18; $sF=19;', "$mf $bf $sf"),
    ('$mf="5";', "$mf"), ('$mf=-1;', "$mf $mF"), ('$mf=$null;', "$mf"),
    ('$Mf(4)=1; $Bf(5)=1; $Sf(6)=1; $Mf(0)=1; $Mf(0)=0;', "$mf $bf $sf $Mf(4) $Bf(5) $Sf(6)"), ('$Mf(2)=7;', "$mf $Mf(2)"),
    ('$fsn="nobody";', "$fs $fsn"), ('$fs="udp:127.0.0.1:5060"; $fs=$null;', "$fs"), ('$fs="127.0.0.1:5060";', "$fs"),
    ('$fs="127.0.0.1";', "$fs"), ('$fs="tcp:127.0.0.1:5060";', "$fs"),
    ('$sbranch(uri)="sip:s@h"; $sbranch(q)=500; $sbranch(flags)=3; $sbranch(dst_uri)="sip:1.1.1.1"; sbranch_append();',
     "$sbranch(uri) $sbranch(q) $sbranch(flags) $sbranch(dst_uri) $sbranch(path) $sbranch(count) $bR $branch(dst_uri)"),
    ('$sbranch(uri)="sip:s@h"; sbranch_set_ruri();', "$ru"),
    ('$sbranch(uri)="sip:s@h"; sbranch_reset();', "$sbranch(uri)"),
    ('$ru="sip:a@b;x"; append_branch("sip:q@z"); $du="sip:1.1.1.1"; append_branch("sip:r@z");', "$(branch(dst_uri)[0]) $(branch(dst_uri)[1])"),
    ('append_branch("sip:b1@h"); append_branch("sip:b2@h"); $(branch(uri)[1])="sip:c@h"; $(branch(q)[1])=700;', "$bR $(branch(q)[1])"),
    ('append_branch("sip:b1@h"); $(branch(path)[0])="<sip:p@h;lr>"; $(branch(send_socket)[0])="udp:127.0.0.1:5060";',
     "$branch(path) $branch(send_socket)"),
    ('append_branch("sip:b1@h"); $(branch(ruid)[0])="r"; $(branch(location_ua)[0])="ua"; $(branch(instance)[0])="i";',
     "$branch(ruid) $branch(location_ua) $branch(instance)"),
    ('$(branch(uri)[3])="sip:c@h";', "$branch(count) $(branch(uri)[3])"),
    ('$var(k)=1; append_branch("sip:b1@h"); append_branch("sip:b2@h");', "$(branch(uri)[$var(k)])"),
    ('$var(k)=-1;', "$(hdr(X-Test)[$var(k)]) $(avp(none)[$var(k)])"), ('$var(k)="1";', "[$(hdr(X-Test)[$var(k)])]"),
    ('$vz(a)="z"; $var(a)="y";', "$vz(a) $var(a)"),
    ('$ruri="sip:x@y"; $duri="sip:d"; ', "$ru $du"), ('$(ruri.user)="u"; $(ruri.domain)="dd";', "$ru"),
    ('$shv(d)=$null; $shv(d)="t"; $var(r)=$shv(d)+"u";', "$var(r)"),
    ('$xavp(m[0]=>x)="1";', "[$xavp(m=>x)]"), ('$xavp(n=>x)="1"; $xavp(n[0]=>x)="2"; $xavp(n[0]=>x[0])=$null;', "$xavp(n=>x)"),
    ('$xavp(o=>x)="1"; $xavp(o=>x)="2"; $var(k)=1;', "$xavp(o[$var(k)]=>x) $xavp(o[*]=>x)"),
    ('$xavp(q)="a"; $xavp(q)="b";', "$xavp(q) $xavp(q[1]) $xavp(q[-1]) $cnt($xavp(q))"),
    ('$xavi(Q)="a"; $xavi(q=>W)="b";', "$xavi(q[1]) $xavi(Q=>w)"), ('$xavi(r=>x)="1"; $xavi(R=>X)=$null;', "$xavi(r=>x)"),
    ('$var(r) = $avp(none) + "x";', "[$var(r)]"), ('$var(r) = "a" + $rp;', "$var(r)"), ('$var(r) = $rp + 1;', "$var(r)"),
    ('$var(r) = $cs + 1;', "$var(r)"), ('if($cs > 16) $var(r)=1; else $var(r)=2;', "$var(r)"),
    ('if($tn == $null) $var(r)=1; else $var(r)=2;', "$var(r)"), ('if($tn == "") $var(r)=1; else $var(r)=2;', "$var(r)"),
    ('if($rb == "v=0\\n") $var(r)=1; else $var(r)=2;', "$var(r)"), ('$vn(r)=$tn;', "$vn(r)"), ('$var(r)=$tn;', "$var(r)"),
    ('$avp(p)="x"; $avp(p)=$tn;', "[$avp(p)]"), ('$var(r)=$hdr(nope)+$hdr(X-Test);', "$var(r)"),
    ('$mf=5;', "$mf $mF $Mf(0) $Mf(1) $Mf(2)"),
    ('$sf=9; $bf=6;', "$sf $sF $bf $bF $Sf(3) $Bf(1)"),
    ('setbflag("2"); setsflag("1");', "$bf $sf"),
    ('setsflag("31");', "$sf"),
    ('append_branch("sip:b1@h"); append_branch("sip:b2@h","0.5");',
     "$branch(count) $branch(uri) $(branch(uri)[1]) $(branch(uri)[-1]) $(branch(q)[1]) $(branch(dst_uri)[0]) $br $bR $ds"),
    ('append_branch("sip:b1@h"); $branch(uri)="sip:changed@h"; $branch(dst_uri)="sip:d@h"; $branch(flags)=4;',
     "$branch(uri) $branch(dst_uri) $branch(flags)"),
    ('append_branch("sip:b1@h"); append_branch("sip:b2@h"); remove_branch(0);', "$branch(count) $branch(uri)"),
    ('append_branch("sip:b1@h"); clear_branches();', "$branch(count)"),
    ('append_branch("sip:b1@h"); $(branch(uri)[0])=$null;', "$branch(count)"),
    ('$br="sip:viabr@h";', "$branch(uri) $br"),
    ('$du="sip:d@1.1.1.1"; append_branch();', "$branch(uri) $branch(dst_uri)"),
    ('rewritehost("h.org");', "$ru"), ('rewritehostport("h.org:99");', "$ru"), ('rewritehostport("h.org");', "$ru"),
    ('rewritehostporttrans("h.org");', "$ru"), ('rewriteuser("u");', "$ru"), ('rewriteuser("");', "$ru"),
    ('rewriteuserpass("u:p2");', "$ru"), ('rewriteuserpass("u");', "$ru"), ('rewriteport("7");', "$ru"),
    ('rewriteport("");', "$ru"), ('rewriteuri("sip:a@b");', "$ru $rU"), ('prefix("99");', "$ru"), ('strip(1);', "$ru"),
    ('strip(3);', "$ru"), ('strip(9);', "$ru"), ('strip_tail(1);', "$ru"), ('strip_tail(9);', "$ru"),
    ('strip(0);', "$ru"), ('userphone();', "$ru"), ('userphone(); userphone();', "$ru"),
    ('rewriteuser("x"); revert_uri();', "$ru"), ('$ru="tel:+1234"; prefix("0");', "$ru"),
    ('$ru="tel:+1234"; rewriteuser("9");', "$ru $rz $rd"), ('$ru="tel:+1234"; strip(2);', "$ru"),
    ('$ru="tel:+1234"; rewritehostport("h:5");', "$ru"), ('$ru="tel:+1234"; rewritehost("h");', "$ru"),
    ('$ru="tel:+1234"; $var(r)=0; if(rewriteport("5")) $var(r)=1;', "$ru $var(r)"), ('$ru="sip:h"; prefix("1");', "$ru"),
    ('$ru="sip:h"; strip(1);', "$ru"), ('$ru="sip:h"; rewriteuser("u");', "$ru"),
    ('$ru="sips:u@h"; userphone();', "$ru $rp $rP $rz"), ('$ru="sip:u@h;transport=tls";', "$rp $rP"),
    ('$ru="sip:u@[::1]:7";', "$rd $rp"), ('$ru="sip:u@h?a=b";', "$ru $rd"), ('$ru="tel:+1";', "$rU $rd $rz $rp"),
    ('$ru="urn:service:sos";', "$rU $rd $rz"), ('$fU="x"; $fn="y";', "$fU $fn $fu"),
    ('$var(p)="a=1;b=2";', "$(var(p){param.value,$(var(p){param.name,1})}{s.len})"),
    ('$var(v)="a@b"; $var(sep)="@";', "$(var(v){s.before,$var(sep)}) $(var(v){s.replace,$var(sep),-})"),
    ('$var(v)="abcd"; $var(k)=1; $var(t)="1";', "[$(var(v){s.substr,$var(k),0})] [$(var(v){s.substr,$var(t),0})]"),
    ('$var(v)="abcd";', "$(var(v){s.Len}) $(var(v){s.substr, 1 , 2}) $(var(v){s.toupper} {s.len})"),
    ('$var(v)=1234;', "$(var(v){s.len}) $(var(v){s.substr,1,2}) [$(var(v){uri.user})] [$(var(v){s.numeric})]"),
    ('$vn(v)=$null;', "[$(vn(v){s.len})] [$(vn(v){uri.user})]"),
    ('if($(vn(u){s.len})==0) $var(r)="yes"; else $var(r)="no";', "$var(r)"),
    ('if($(vn(u){s.len})=="") $var(r)=1; else $var(r)=2;', "$var(r)"), ('if($(vn(u){s.len})==$null) $var(r)=1; else $var(r)=2;', "$var(r)"),
    ('if(defined $(vn(u){s.len})) $var(r)=1; else $var(r)=2;', "$var(r)"), ('$var(r)="x"; $var(r)=$(vn(u){s.len});', "$var(r)"),
    ('$vn(r)="x"; $vn(r)=$(vn(u){s.len});', "$vn(r)"), ('$var(v)="bad"; $var(r)="x" + $(var(v){uri.user});', "[$var(r)]"),
    ('$var(v)="sip:a@h"; $vn(r)=$(var(v){uri.port});', "$vn(r)"), ('$var(v)="sip:a@h"; if($(var(v){uri.port})=="") $var(r)=1; else $var(r)=2;', "$var(r)"),
    ('$var(v)="+7"; $var(r)=$(var(v){s.int})+1;', "$var(r)"), ('$var(v)="a,b}c"; ', "$(var(v){s.select,1,}}) $(var(v){s.select,0,,})"),
    ('$var(v)="abcd"; $var(r)=$(var(v){s.len}) + 1;', "$var(r)"), ('if($(rU{s.len}) > 2) $var(r)=1; else $var(r)=2;', "$var(r)"),
    ('$var(v)="abc"; $var(m)="b"; $var(x)="X";', "$(var(v){s.replace,$var(m),$var(x)}) $(var(v){s.rm,$var(m)}) $(var(v){s.count,$var(m)})"),
    ('$var(v)="a=1;b=2"; $var(m)="b"; $var(k)=1;', "$(var(v){param.value,$var(m)}) $(var(v){param.name,$var(k)}) $(var(v){param.in,$var(m)})"),
    ('$var(v)="sip:a@b;x=1"; $var(m)="x";', "$(var(v){uri.param,$var(m)})"), ('$var(v)="aXb"; $var(e)="/x/-/i";', "$(var(v){re.subst,$var(e)})"),
    ('$var(v)="l1\\nl2"; $var(m)="l2"; $var(k)=-1;', "$(var(v){line.sw,$var(m)}) $(var(v){line.at,$var(k)})"),
    ('$var(v)=" A ";', "[$(var(v){s.trim}{s.tolower}{s.len})] [$(var(v){s.Trim} {s.toLower})]"),
    ('$avp(x)="1"; $avp(x)="22";', "$(avp(x)[1]{s.len}) $(avp(x)[*]{s.len}) $(avp(x)[5]{s.len})|"),
    ('$var(v)="sip:a@h:5060"; $var(r)=$(var(v){uri.port})+1;', "$var(r)"),
    ('$var(v)="7"; $var(r)=$(var(v){s.int})+1;', "$var(r)"),
    ('$var(v)="sip:a@h"; if($(var(v){uri.port})==0) $var(r)="zero"; else $var(r)="no";', "$var(r)"),
    ('$avp(o)="v"; $avp(o)=$(vn(u){s.len});', "$avp(o)"),
    ('xavp_params_explode("a=1;b=2","px");', "$xavp(px=>a)$xavp(px=>b)"),
    ('xavp_child_seti("cs","k","5"); xavp_child_sets("cs","t","v");', "$xavp(cs=>k)$xavp(cs=>t)"),
    ('if(is_int("$var(i)")) $var(r)=1; else $var(r)=2;', "$var(r)"), ('if(pv_isset("$avp(no)")) $var(r)=1; else $var(r)=2;', "$var(r)"),
    ('if(typeof("$var(i)","int")) $var(r)=1; else $var(r)=2;', "$var(r)"),
    ('if(not_empty("$var(e)")) $var(r)=1; else $var(r)=2;', "$var(r)"),
    ('if(not_empty("$var(i)")) $var(r)=1; else $var(r)=2;', "$var(r)"),
    ('$avp(u)="x"; pv_unset("$avp(u)");', "$avp(u)"), ('pv_printf("$var(r)", "<$rU>");', "$var(r)"),
    ('if(is_myself("sip:127.0.0.1:5060")) $var(r)=1; else $var(r)=2;', "$var(r)"),
    ('if(is_myself("sip:127.0.0.1")) $var(r)=1; else $var(r)=2;', "$var(r)"),
    ('if(is_myself("sip:127.0.0.1:5099")) $var(r)=1; else $var(r)=2;', "$var(r)"),
    ('setdsturi("sip:d"); if(isdsturiset()) $var(r)=1; else $var(r)=2; resetdsturi();', "$var(r) $du"),
]  # fmt: skip

#: what changes in the message that is sent; of a message of its own each, since edits add up
EDITS = [
    (statements, "$(mbu{line.sw,From})" if "$f" in statements or "from" in statements else "$(mbu{line.sw,To:})")
    for statements in (
        '$fu="sip:new@h";', '$fd="h.org";', '$fU="zoe";', '$fn="Zoe";', '$fU=$null;', '$fU="";', '$from="sip:x@y";',
        '$(from.user)="u";', '$(from.domain)="d";', '$tu="tel:+1";', '$tU="bo";', '$td="h";', '$tn="Bob B";', '$tU=$null;',
        '$to="sip:x@y";', '$(to.domain)="u";', '$(to.user)="u";', '$fU="a"; $fd="b";', '$tn="Bob"; $tu="sip:x@y";',
    )
]  # fmt: skip


def quoted(value: str) -> str:
    """A string of the script."""
    for char, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        value = value.replace(char, escaped)
    return f'"{value}"'


def edits() -> list[str]:
    """The cases that need a message of their own, each as the body of a route."""
    return [f'{statements} xlog("[{fmt}]\\n");' for statements, fmt in EDITS]


def bodies() -> list[str]:
    """The other cases. What is logged stands between brackets."""
    found = [f'xlog("[{fmt}]\\n");' for fmt in READ]
    found += [f'$var(v)={quoted(value)}; xlog("[$(var(v){tr})]\\n");' for value, tr in TRANSFORM]
    for tr in ALL:
        found += [
            f'{value} xlog("[$(vn(v){{{tr}}})]\\n");' for value in ("$vn(v)=1234;", "$vn(v)=$null;", '$vn(v)="";')
        ]
    found += [f'{statements} xlog("[{fmt}]\\n");' for statements, fmt in WRITE]
    return found
