/* What a REGISTER asks for, read from the message in one call: AoR, contacts with their parameters, Path, options.
 *
 * Private to its process. One kh_reg serves message after message.
 */
#ifndef KH_REG_H
#define KH_REG_H

#include "kh.h"
#include "msg.h"
#include "shtable.h"

/* cdef */
#define KH_REG_CONTACTS 32    /* contacts of one REGISTER; more is KH_REG_TOO_MANY */
#define KH_REG_PATH_MAX 4096  /* bytes of all Path values */
#define KH_REG_RECEIVED_MAX 255

/* Settings of the registrar, the same in every process: filled before the fork. */
enum kh_reg_option {
    KH_REG_USE_DOMAIN = 1,
    KH_REG_CASE_SENSITIVE = 2,
    KH_REG_REJECT_BRIEF = 4, /* too short an expiry is an error (423) instead of being raised */
    KH_REG_GRUU = 8,
    KH_REG_PATH = 16,
    KH_REG_REGID_ALWAYS = 32, /* take reg-id without outbound support (regid_mode) */
};

typedef struct kh_reg_settings {
    uint32_t options;                     /* enum kh_reg_option */
    uint32_t default_expires, default_range; /* s; +- percent */
    uint32_t min_expires, max_expires;    /* s; 0 no limit */
    uint32_t expires_range;               /* +- percent of what was asked for */
    int32_t default_q;                    /* thousandths, -1 none */
    uint32_t contact_max_size;            /* bytes of a Contact URI */
    uint32_t realm_prefix_len;
    char realm_prefix[64];                /* taken off domains */
} kh_reg_settings;
kh_reg_settings *kh_reg_settings_get(void);

/* Why a REGISTER is refused; the result of kh_reg_parse and kh_ul_save is the negative of it. */
enum kh_reg_error {
    KH_REG_BAD_AOR = 101, KH_REG_STAR_EXPIRES, KH_REG_STAR_CONTACTS, KH_REG_BAD_CONTACT, KH_REG_BAD_Q,
    KH_REG_CONTACT_SIZE, KH_REG_TOO_MANY, KH_REG_BRIEF, KH_REG_PATH_SIZE, KH_REG_CSEQ, KH_REG_NO_MEMORY,
    KH_REG_BAD_PATH, KH_REG_LOCK,
};

/* One requested binding. Spans are of the message; len 0: none. */
typedef struct kh_reg_contact {
    kh_span uri, received, instance;
    uint32_t expires; /* seconds from now, clamped; 0: remove */
    uint32_t methods; /* all ones: not said */
    int16_t q;        /* thousandths, -1 */
    uint16_t reg_id;
    uint8_t done;     /* enum kh_reg_done, written by kh_ul_save */
} kh_reg_contact;

enum kh_reg_done { KH_REG_NOTHING, KH_REG_INSERTED, KH_REG_UPDATED, KH_REG_REMOVED, KH_REG_REPEATED };

/* The answer of kh_reg_parse: contacts in the low byte, and these bits. */
#define KH_REG_F_STAR 256
#define KH_REG_F_HAS_PATH 512
#define KH_REG_F_SUP_PATH 1024
#define KH_REG_F_SUP_GRUU 2048
#define KH_REG_F_SUP_OUTBOUND 4096

typedef struct kh_reg {
    uint32_t facts;    /* what kh_reg_parse returned */
    uint32_t n;        /* contacts */
    int64_t now;       /* Unix time the message was looked at */
    uint32_t aor_len, domain_len; /* the domain of the AoR's URI, for GRUUs */
    uint32_t path_len, received_len;
    uint32_t sock;     /* where it came in; the caller may set another */
    char aor[KH_SHT_KEY_MAX];
    char domain[256];
    char path[KH_REG_PATH_MAX];
    char received[KH_REG_RECEIVED_MAX + 1]; /* set by the caller: overrides the Contact's parameter */
    kh_reg_contact contact[KH_REG_CONTACTS];
} kh_reg;

enum kh_reg_flags { KH_REG_EXACT = 8 }; /* no random spread of expiries */

/* Reads a REGISTER. `uri` (len 0: that of To) names the AoR. >= 0: facts; < 0: -enum kh_reg_error. */
int64_t kh_reg_parse(kh_reg *r, const kh_msg *m, const char *uri, uint32_t uri_len, uint32_t flags);

/* The key of an AoR: user or user@domain, unescaped, in lower case unless case matters. Its length, KH_EMALFORMED,
 * KH_ETOOBIG. `out` has KH_SHT_KEY_MAX bytes. */
int kh_reg_aor(const char *uri, uint32_t len, char *out);

/* Method bits of a list "INVITE, BYE" (with quotes or without). */
uint32_t kh_reg_methods(const char *s, uint32_t len);

/* "0.7" as 700; KH_EMALFORMED when it is no qvalue (RFC 3261 25.1). Leniency: KH_LAX_SHORT_Q; digits past three are
 * cut then. */
int kh_reg_q(const char *s, uint32_t len);
/* end cdef */

#endif
