/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The floor that `make bench` compares with: opens a URI, lists all domains and fetches the XML of each, as
 * `virsh list --all` and one dumpxml each do, but in one process. Prints how many there are. */
#include <libvirt/libvirt.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    virConnectPtr connection = argc == 2 ? virConnectOpenReadOnly(argv[1]) : NULL;
    virDomainPtr *domains = NULL;
    size_t bytes = 0;
    int n;

    if (!connection) {
        fprintf(stderr, "usage: fetch-all URI\n");
        return 2;
    }
    n = virConnectListAllDomains(connection, &domains, 0);
    for (int i = 0; i < n; i++) {
        char *xml = virDomainGetXMLDesc(domains[i], 0);

        if (xml)
            for (const char *p = xml; *p; p++)
                bytes++;
        free(xml);
        virDomainFree(domains[i]);
    }
    free(domains);
    virConnectClose(connection);
    printf("%d domains, %zu bytes\n", n, bytes);
    return n < 0;
}
