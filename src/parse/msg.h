/* A SIP message, parsed: one pass over the bytes gives the first line, an index of every header and the hot headers.
 *
 * Everything is an offset into the message, `buf` is the only pointer: a clone is kh_msg_size() bytes of this struct and
 * `len` bytes of `buf`, with `buf` set to the copy. Nothing is allocated and nothing is written to `buf`.
 * One kh_msg is reused for message after message: parsing writes what it found and resets only the small tables, so
 * hdr[] past n_hdr and structs whose `body.len` is 0 hold no meaning.
 *
 * Only a first line that is neither SIP's nor HTTP's makes kh_msg_parse fail. What else is malformed is recorded in
 * `bad`, so that the server can answer 400 and say which header it was.
 */
#ifndef KH_MSG_H
#define KH_MSG_H

#include "addr.h"
#include "hdr.h"
#include "kh.h"
#include "nameaddr.h"
#include "uri.h"
#include "via.h"

/* cdef */
#define KH_MAX_HDRS 128 /* header lines of one message; more is KH_BAD_TOO_MANY (the longest of RFC 4475 has 40) */
#define KH_NO_HDR 255   /* "none" in first[] and next */

enum kh_msg_type { KH_MSG_INVALID = 0, KH_REQUEST = 1, KH_REPLY = 2 };

/* The protocol that the first line names. HTTP has the same shape, so what comes to a SIP port for a web page is read
 * here too; what is SIP's own (Via, From, tags...) is then absent and not missed. The receiver decides what it takes. */
enum kh_fline_flags { KH_FLINE_SIP = 1, KH_FLINE_HTTP = 2, KH_FLINE_HTTP2 = 4 };

/* Methods are bits, numbered as Kamailio 5.6 does ($rmid and usrloc's methods column show them). */
enum kh_method {
    KH_M_UNDEF = 0,
    KH_M_INVITE = 1,
    KH_M_CANCEL = 2,
    KH_M_ACK = 4,
    KH_M_BYE = 8,
    KH_M_INFO = 16,
    KH_M_REGISTER = 32,
    KH_M_SUBSCRIBE = 64,
    KH_M_NOTIFY = 128,
    KH_M_MESSAGE = 256,
    KH_M_OPTIONS = 512,
    KH_M_PRACK = 1024,
    KH_M_UPDATE = 2048,
    KH_M_REFER = 4096,
    KH_M_PUBLISH = 8192,
    KH_M_KDMQ = 16384,
    KH_M_GET = 32768,
    KH_M_POST = 65536,
    KH_M_PUT = 131072,
    KH_M_DELETE = 262144,
    KH_M_OTHER = 524288,
};

/* What is wrong with a message; 0 is a clean one. Bits below 16 make it unfit for forwarding (KH_BAD_VITAL). */
enum kh_bad {
    KH_BAD_FLINE = 1 << 0,    /* first line: more or fewer than three parts, blanks inside the URI */
    KH_BAD_VERSION = 1 << 1,  /* a SIP version that is not 2.0: answer 505 */
    KH_BAD_VIA = 1 << 2,      /* top Via missing or malformed; with n_via 1 enough of it was read for a reply */
    KH_BAD_FROM = 1 << 3,     /* missing, malformed or repeated */
    KH_BAD_TO = 1 << 4,       /* missing, malformed or repeated */
    KH_BAD_CSEQ = 1 << 5,     /* missing, malformed, repeated or above 2^31-1 (RFC 3261 8.1.1.5) */
    KH_BAD_CALLID = 1 << 6,   /* missing, empty or repeated */
    KH_BAD_METHOD = 1 << 7,   /* CSeq names another method than the first line */
    KH_BAD_CLEN = 1 << 8,     /* Content-Length is no number, negative, repeated with another value, or longer than the data */
    KH_BAD_MAXFWD = 1 << 9,   /* no number, or above 2^31-1 */
    KH_BAD_EOH = 1 << 10,     /* the data end before the empty line */
    KH_BAD_TOO_MANY = 1 << 11, /* more than KH_MAX_HDRS header lines */
    KH_BAD_ROUTE = 1 << 12,   /* first Route value malformed */
    KH_BAD_VIA2 = 1 << 13,    /* second Via malformed: a reply could not go back */
    KH_BAD_URI = 1 << 14,     /* Request-URI: malformed, or with headers (RFC 3261 19.1.1 forbids them there) */
    KH_BAD_STRICT = 1 << 15,  /* what a leniency lets pass that is switched off (lenient.h) */
    KH_BAD_HEADER = 1 << 16,  /* a line that is no header (no colon, blank in the name) was passed over */
    KH_BAD_CONTACT = 1 << 17, /* first Contact value malformed */
    KH_BAD_RR = 1 << 18,      /* first Record-Route value malformed */
    KH_BAD_EXPIRES = 1 << 19, /* no number */
    KH_BAD_VITAL = 0xffff,
};

/* One header line (with its folded continuation lines). */
typedef struct kh_hdr {
    uint8_t type;     /* enum kh_hdr_type */
    uint8_t next;     /* index of the next header of this type, KH_NO_HDR if none; not kept for KH_HDR_OTHER */
    uint8_t name_len; /* the name begins at off */
    uint8_t pad;
    uint16_t off;      /* first byte of the name */
    uint16_t len;      /* up to and with the line end */
    uint16_t body_off; /* first non-blank byte after the colon */
    uint16_t body_len; /* without blanks and line end at its end; folded lines keep their line ends inside */
} kh_hdr;

typedef struct kh_msg {
    const char *buf;
    uint32_t len; /* bytes of the datagram, or of this message in the stream */
    uint32_t bad; /* enum kh_bad */
    kh_rcv rcv;   /* filled by who received it; kh_msg_parse leaves it alone */
    uint32_t id;  /* filled by who received it: number of the message in this process */

    uint8_t type;      /* enum kh_msg_type */
    uint8_t n_hdr;     /* entries of hdr[] */
    uint16_t status;   /* of a reply, else 0 */
    uint32_t method;   /* enum kh_method: of the request line; of a reply that of its CSeq */
    kh_span method_s;  /* as written; empty in a reply */
    kh_span uri;       /* Request-URI as written; empty in a reply */
    kh_span version;   /* "SIP/2.0" */
    kh_span status_s;  /* three digits; empty in a request */
    kh_span reason;    /* of a reply; may be empty */
    uint16_t fline_len; /* with its line end: where the headers begin */
    uint16_t eoh;       /* first byte of the empty line; len when there is none */
    kh_span body;       /* what Content-Length frames, else the rest of the datagram */

    uint32_t cseq_num;
    uint32_t cseq_method_id; /* enum kh_method */
    kh_span cseq_method;
    kh_span callid;
    int32_t maxfwd;         /* -1: none or malformed */
    int32_t content_length; /* as written; -1: none or malformed */
    int64_t expires;        /* seconds; -1: none or malformed */
    uint8_t star;           /* Contact: * */
    uint8_t seen;           /* 1: made by kh_seen of a message and its edits (seen.h) */
    uint8_t n_via;          /* Via headers' first two values parsed: 0, 1, 2 */
    uint8_t fline_flags;    /* enum kh_fline_flags */
    uint8_t pad;

    kh_via via1, via2; /* valid when n_via says so */
    kh_nameaddr from, to;
    kh_nameaddr contact, route, rr; /* the first value each; body.len 0 when there is none */
    kh_uri ruri; /* of a request: its spans are relative to uri.off; type KH_URI_ERROR when malformed */

    uint8_t first[KH_HDR_TYPES]; /* index of the first header of each type, KH_NO_HDR */
    kh_hdr hdr[KH_MAX_HDRS];     /* in the order of the message; last in the struct so that a clone can stop early */
} kh_msg;

/* Parses `len` bytes. KH_OK: first line understood (SIP's or HTTP's: fline_flags), look at `bad` for the rest.
 * KH_EMALFORMED: neither. KH_ETOOBIG: longer than KH_MSG_MAX. `buf` must stay in place while m is used. */
int kh_msg_parse(kh_msg *m, const char *buf, uint32_t len);

/* Bytes of the struct that a clone needs. */
uint32_t kh_msg_size(const kh_msg *m);

/* All that a worker wants to know at once, one int: bits 0 to 19 the method (of a reply: its CSeq's), bits 20 to 29
 * the status code, from bit 30 the flags. */
#define KH_F_STATUS_SHIFT 20
#define KH_F_REQUEST 0x40000000
#define KH_F_REPLY 0x80000000
#define KH_F_TO_TAG 0x100000000
#define KH_F_FROM_TAG 0x200000000
#define KH_F_ROUTE 0x400000000
#define KH_F_RECORD_ROUTE 0x800000000
#define KH_F_CONTACT 0x1000000000
#define KH_F_MAXFWD 0x2000000000
#define KH_F_VIA2 0x4000000000
#define KH_F_RPORT 0x8000000000
#define KH_F_BODY 0x10000000000
#define KH_F_CLEN 0x20000000000
#define KH_F_EXPIRES 0x40000000000
#define KH_F_AUTH 0x80000000000        /* Authorization or Proxy-Authorization */
#define KH_F_MALFORMED 0x100000000000  /* bad & KH_BAD_VITAL */
#define KH_F_BAD 0x200000000000        /* anything in bad */
#define KH_F_PATH 0x400000000000
#define KH_F_HTTP 0x800000000000       /* the first line is HTTP's */
int64_t kh_msg_facts(const kh_msg *m);

/* Parts of a message by number, for callers that want one value in one call. */
enum kh_field {
    KH_FLD_METHOD, KH_FLD_URI, KH_FLD_VERSION, KH_FLD_STATUS, KH_FLD_REASON, KH_FLD_BODY, KH_FLD_CALLID,
    KH_FLD_CSEQ_METHOD,
    KH_FLD_FROM, KH_FLD_FROM_DISPLAY, KH_FLD_FROM_URI, KH_FLD_FROM_TAG, KH_FLD_FROM_PARAMS,
    KH_FLD_TO, KH_FLD_TO_DISPLAY, KH_FLD_TO_URI, KH_FLD_TO_TAG, KH_FLD_TO_PARAMS,
    KH_FLD_CONTACT, KH_FLD_CONTACT_DISPLAY, KH_FLD_CONTACT_URI, KH_FLD_CONTACT_PARAMS,
    KH_FLD_ROUTE, KH_FLD_ROUTE_URI, KH_FLD_RR, KH_FLD_RR_URI,
    KH_FLD_VIA1, KH_FLD_VIA1_HOST, KH_FLD_VIA1_BRANCH, KH_FLD_VIA1_RECEIVED, KH_FLD_VIA1_RPORT, KH_FLD_VIA1_PARAMS,
    KH_FLD_VIA2, KH_FLD_VIA2_HOST, KH_FLD_VIA2_BRANCH,
    KH_FLD_HEADERS, /* all header lines, from after the first line to the empty line */
    KH_FIELDS,
};

/* off << 16 | len of a field; -1 when the message has none. An empty value that is there has len 0. */
int64_t kh_msg_field(const kh_msg *m, int field);

/* off << 16 | len of the body of the index-th header (from 0; negative counts from the end) of a type; -1: none. */
int64_t kh_msg_hdr(const kh_msg *m, int type, int index);

/* The same by name, any case, long or compact. */
int64_t kh_msg_hdr_name(const kh_msg *m, const char *name, uint32_t name_len, int index);

/* Its number in hdr[] instead of its body; -1: none. */
int kh_msg_hdr_number(const kh_msg *m, const char *name, uint32_t name_len, int index);

/* How many headers there are of a type. */
int kh_msg_hdr_count(const kh_msg *m, int type);

/* Number in hdr[] of the next header with this name after number `after` (-1: from the first); -1: none. */
int kh_msg_hdr_find(const kh_msg *m, const char *name, uint32_t name_len, int after);

/* The method bit of a name (exact case, RFC 3261 7.1); KH_M_OTHER when it is none of the known. */
uint32_t kh_method_id(const char *name, uint32_t len);
/* end cdef */

#endif
