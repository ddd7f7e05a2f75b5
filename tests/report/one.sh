#!/bin/sh
# What virt-tune advises (domains: 1; connection: qemu:///system).
# Read it, then run it as root on the host of these domains. It changes the host only: what reloads
# a module, reboots, or belongs into a guest or a domain's definition is a comment. It can be run
# again.

# irq-affinity: Title of irq-affinity
# Why: web1: irq-affinity (irq 24) is structural: the XML alone says so, nothing was measured of
#   it
# Move the interrupt. Takes effect at once.
# Not run: a command has characters that cannot be shown
#     echo 0-1 > /proc/irq/24/smp_affinity_list
# To undo it:
#     echo 2 > /proc/irq/24/smp_affinity_list
#     true \x1b[2J

# In the guests:

# irq-affinity: Title of irq-affinity
# Why: web1: irq-affinity (irq 24) is structural: the XML alone says so, nothing was measured of
#   it
# Takes effect when the guest is rebooted.
# Not run: Not on this host as it is now: kvm.backend is vmx, not pvm.
#     grubby --args=x

# In the definitions of the domains, where virt-tune shows each change before it makes it, and
# `virt-tune revert` undoes it:

# virtio-net: Title of virtio-net
# Why: web1: virtio-net (52:54:00:aa:bb:cc) is confirmed by what was measured; exit.mmio is 30,959
#   a second and vCPU, above 1,000 (by libvirt)
# Risk: The guest needs a driver: without one it has no network after the change, and what is
#   configured by the name of the interface is lost.
# Takes effect after the domain is fully powered off and started again; a reboot from inside is not
# enough.
# Not run: Only where the host has what it needs, which is not known here: vhost-net is not known.
#     virt-tune -c qemu:///system apply web1 --rule virtio-net --device 52:54:00:aa:bb:cc --assume-guest-drivers

# irq-affinity: Title of irq-affinity
# Why: web1: irq-affinity (irq 24) is structural: the XML alone says so, nothing was measured of
#   it
# Takes effect at once.
# Not run: This change cannot be made as it is: no CPU of the host is left over.
