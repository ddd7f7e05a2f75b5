## The demo, and what it has in common with the end-to-end tests.
EXTRA_DIST += \
	data/demo/README \
	data/demo/demo.py \
	data/demo/lab.py \
	data/demo/live/e1000-ide.xml.in \
	data/demo/live/idle.xml.in \
	data/demo/live/qemu.conf \
	data/demo/live/tuned.xml.in \
	$(VT_RECORDED)
VT_RECORDED = \
	data/demo/recorded/e1000.txt data/demo/recorded/e1000.xml \
	data/demo/recorded/ide.txt data/demo/recorded/ide.xml \
	data/demo/recorded/idle.txt data/demo/recorded/idle.xml \
	data/demo/recorded/kvm-stat.txt data/demo/recorded/kvm-stat.xml \
	data/demo/recorded/msr.txt data/demo/recorded/msr.xml \
	data/demo/recorded/vhost.txt data/demo/recorded/vhost.xml \
	data/demo/recorded/virtio-blk.txt data/demo/recorded/virtio-blk.xml \
	data/demo/recorded/virtio-net.txt data/demo/recorded/virtio-net.xml
include $(top_srcdir)/data/demo/guest/local.mk
