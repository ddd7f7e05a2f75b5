/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Holds a program up in one call, for tests of what it shows meanwhile. Preloaded; VT_HOLD="CALL N PATH": the Nth CALL
 * returns once something was written to a FIFO. */
#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void hold(const char *call)
{
    static int calls;
    const char *wanted = getenv("VT_HOLD");
    char name[64], path[4096];
    FILE *fifo;
    int n;

    if (!wanted || sscanf(wanted, "%63s %d %4095s", name, &n, path) != 3 || strcmp(name, call) != 0 || ++calls != n)
        return;
    fifo = fopen(path, "r");
    if (fifo) {
        fgetc(fifo);
        fclose(fifo);
    }
}

#define HELD(type, name, parameters, arguments)                                \
    type name parameters;                                                      \
    type name parameters                                                       \
    {                                                                          \
        type(*real) parameters = (type(*) parameters)dlsym(RTLD_NEXT, #name);  \
                                                                               \
        hold(#name);                                                           \
        return real arguments;                                                 \
    }

HELD(int, fsync, (int fd), (fd))
HELD(char *, g_mkdtemp, (char *path), (path))
HELD(void *, virDomainDefineXMLFlags, (void *connection, const char *xml, unsigned int flags), (connection, xml, flags))
HELD(void *, xmlRelaxNGParse, (void *context), (context))
HELD(int, xmlRelaxNGValidateDoc, (void *context, void *doc), (context, doc))
