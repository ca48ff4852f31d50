/* Inside of kh_edits, for the C files that edit. */
#ifndef KH_LUMP_PARTS_H
#define KH_LUMP_PARTS_H

#include <stdbool.h>

#include "lump.h"

#define KH_EDITS_START 8u /* first offset in use: 0 means none */
#define KH_LUMP(e, off) ((kh_lump *)((e)->data + (off)))

_Static_assert(offsetof(kh_edits, data) % 4 == 0, "lumps in data are aligned to 4");
_Static_assert(sizeof(kh_lump) == 28, "texts and lumps share data: keep lumps small");

/* Offset of `size` bytes aligned to 4, 0 when data is full. */
uint32_t kh_ed_alloc(kh_edits *e, uint32_t size);
/* Copies a text in. KH_OK or KH_ETOOBIG. */
int kh_ed_text(kh_edits *e, kh_text *t, const char *s, uint32_t len);
/* A new lump with a copy of the text (NULL: none), linked nowhere; its offset, or KH_ETOOBIG with nothing changed. */
int kh_ed_lump(kh_edits *e, int op, const char *s, uint32_t len, int htype);
/* The lumps are not what they were: whoever has drawn something from them must do so again. */
void kh_ed_changed(kh_edits *e);
/* off << 32 | len, -1 when not set. */
int64_t kh_text_pack(kh_text t);

#endif
