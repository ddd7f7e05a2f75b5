/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lexical part of JSON: what json-glib would let pass, or would overflow its stack on, ends
 * here. */
#pragma once

#include <glib.h>

/* Objects and arrays in one another. */
#define VT_JSON_DEPTH_MAX 32

/* TRUE where @text is valid UTF-8 and made of JSON tokens only, no deeper than VT_JSON_DEPTH_MAX,
 * with nothing behind its end, with integers of at most 63 bits, finite numbers and strings without
 * NUL and half surrogates. Whether the tokens are in an order that means something is left to the
 * parser. */
gboolean vt_json_lex(const char *text, gsize length, const char *name, GError **error);
