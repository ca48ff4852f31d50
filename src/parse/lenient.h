/* What the parser reads more leniently than RFC 3261's grammar: each by a name, with its reason, in this one list.
 *
 * Strict where safety needs it (framing, what identifies a transaction, what would be forwarded wrongly), lax where
 * senders in the field need it. Each can be switched before the fork (core parameters parser_leniency, sip_parser_mode).
 * A parser asks kh_lax() where it has met what the grammar does not allow; of a clean message next to nothing is asked.
 * What is switched off makes the part malformed, which costs a request a 400 and a reply its way on.
 *
 * What an RFC demands of a receiver is no leniency and has no switch: CRLFs before the first line (RFC 3261 7.5), octets
 * after what Content-Length frames (18.3), blanks before a header's colon (25.1 HCOLON), any case in names and "SIP"
 * (7.3.1). Nor has a first line that is taken apart though it is malformed: it is marked KH_BAD_FLINE, so that the
 * sender can be told.
 */
#ifndef KH_LENIENT_H
#define KH_LENIENT_H

#include <stdbool.h>

#include "kh.h"

/* cdef */
enum kh_lenient {
    /* LF alone ends a line: hand-made messages, old gateways, test tools; RFC 5118's archive */
    KH_LAX_BARE_LF = 1 << 0,
    /* no blank after a status code without reason phrase: many stacks */
    KH_LAX_NO_REASON_BLANK = 1 << 1,
    /* a header line without colon is passed over: one bad extension need not cost the call */
    KH_LAX_LINE_WITHOUT_COLON = 1 << 2,
    /* Content-Length twice with one value: boxes that add theirs; framing is not in doubt */
    KH_LAX_SAME_LENGTH = 1 << 3,
    /* Max-Forwards above 255: phones send 256 and more; brought down when counted */
    KH_LAX_BIG_MAXFWD = 1 << 4,
    /* blanks inside < > around a URI: RFC 4475 3.1.2.14 allows the repair */
    KH_LAX_URI_BLANKS = 1 << 5,
    /* display names without quotes of more than tokens: UTF-8 names, dots, parentheses */
    KH_LAX_DISPLAY_CHARS = 1 << 6,
    /* parameters of any characters but delimiters: URIs in Diversion, e-mail addresses */
    KH_LAX_PARAM_CHARS = 1 << 7,
    /* ";;" and a ";" at the end: phones that print absent parameters */
    KH_LAX_EMPTY_PARAMS = 1 << 8,
    /* _ in host names: Windows, container and cluster names */
    KH_LAX_HOST_UNDERSCORE = 1 << 9,
    /* # \ ^ ` { | } and octets above 127 in users: dial strings, UTF-8 */
    KH_LAX_USER_CHARS = 1 << 10,
    /* % without two hexadecimal digits in the user part: dial strings */
    KH_LAX_BARE_PERCENT = 1 << 11,
    /* a known URI parameter or a tag twice: the first counts; module sanity can refuse it */
    KH_LAX_REPEATED_PARAMS = 1 << 12,
    /* q of ".7", "" or of more than three digits: old phones, computed values */
    KH_LAX_SHORT_Q = 1 << 13,
    /* From, To, Call-ID or CSeq twice: the first counts; off, as in sip_parser_mode=1 */
    KH_LAX_REPEATED_HEADERS = 1 << 14,
};
#define KH_LAX_COUNT 15
#define KH_LAX_DEFAULT 0x3fff /* all but KH_LAX_REPEATED_HEADERS */

/* Which are on: bits of enum kh_lenient. Main process, before the fork. */
void kh_lenient_set(uint32_t on);
uint32_t kh_lenient_get(void);
/* KH_OK when all characters may be allowed in hosts and header names; KH_EINVAL when one is a delimiter: a blank, a
 * control or any of ()<>@,;:\"/[]?={}. */
int kh_lenient_allows(const char *chars, uint32_t len);
/* Characters that may stand in hosts (of URIs and Via), and in header names, beside those of the grammar. KH_EINVAL
 * when one cannot be allowed. Main process, before the fork. */
int kh_lenient_chars(const char *host, uint32_t host_len, const char *name, uint32_t name_len);
/* end cdef */

extern uint32_t kh_lenient;
extern bool kh_name_extra[256]; /* hdr_name_extra_chars */

static inline bool kh_lax(uint32_t bit) { return KH_LIKELY(kh_lenient & bit); }

#endif
