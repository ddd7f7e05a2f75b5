VT_RULES = \
	data/rules/apicv.xml \
	data/rules/cpu-pm.xml \
	data/rules/emulator-pinning.xml \
	data/rules/guest-haltpoll.xml \
	data/rules/halt-poll-down.xml \
	data/rules/halt-poll-up.xml \
	data/rules/healthy-idle.xml \
	data/rules/healthy-kicks.xml \
	data/rules/hint-dedicated-overcommit.xml \
	data/rules/hpet.xml \
	data/rules/idle-poll.xml \
	data/rules/irq-affinity.xml \
	data/rules/level-interrupts.xml \
	data/rules/nohz-full.xml \
	data/rules/ple-gap.xml \
	data/rules/pv-eoi.xml \
	data/rules/usb-disk.xml \
	data/rules/vcpu-contention.xml \
	data/rules/vhost-net.xml \
	data/rules/virtio-disk.xml \
	data/rules/virtio-ioeventfd.xml \
	data/rules/virtio-net.xml \
	data/rules/virtio-scsi.xml \
	data/rules/x2apic.xml
