/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts calls whose number shows how work grows with the number of domains, whatever the speed of the machine: a scan
 * of all domains for each of them compares strings. Preloaded; writes one line to the file $VT_COUNT_CALLS at the end. */
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

static atomic_ulong allocations, comparisons;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
int strcmp(const char *a, const char *b);

void *malloc(size_t size)
{
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    return __libc_calloc(count, size);
}

int strcmp(const char *a, const char *b)
{
    atomic_fetch_add_explicit(&comparisons, 1, memory_order_relaxed);
    for (; *a != '\0' && *a == *b; a++, b++)
        ;
    return (unsigned char)*a - (unsigned char)*b;
}

__attribute__((destructor)) static void write_counts(void)
{
    const char *path = getenv("VT_COUNT_CALLS");
    FILE *out = path ? fopen(path, "w") : NULL;

    if (!out)
        return;
    fprintf(out, "%lu %lu\n", allocations, comparisons);
    fclose(out);
}
