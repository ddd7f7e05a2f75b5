/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For a test whose libraries leak: what the sanitizers' build does not count. The functions to
 * leave out are found only by the slow unwinder, which makes allocations some 25 times as slow; so
 * this is not for every test. */
#pragma once

#if defined(__SANITIZE_ADDRESS__)
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "fast_unwind_on_malloc=0";
}

const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    /* GLib leaves its old table of interned strings to readers without a lock when it grows
     * (g_quark_new()); the first one comes from its constructor, which the dynamic linker calls.
     * Its functions have names only where its debug symbols are installed. */
    return "leak:ld-linux\n"
           /* libosinfo 1.10 loses the names of the directories that it reads. */
           "leak:osinfo_loader_process_default_path\n";
}
#endif
