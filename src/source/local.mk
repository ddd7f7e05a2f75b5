noinst_LIBRARIES += libvt-source.a
libvt_source_a_SOURCES = \
	src/source/domstats.c src/source/domstats.h \
	src/source/host-json.c src/source/host-json.h \
	src/source/import.c src/source/import.h \
	src/source/import-kvm-stat.c \
	src/source/import-systemtap.c \
	src/source/interrupts.c src/source/interrupts.h \
	src/source/native.c src/source/native.h \
	src/source/qemu-process.c src/source/qemu-process.h \
	src/source/source.c src/source/source.h \
	src/source/source-guest.c src/source/source-guest.h \
	src/source/source-host.c src/source/source-host.h \
	src/source/source-interrupts.c \
	src/source/source-libvirt.c
libvt_source_a_CPPFLAGS = $(AM_CPPFLAGS) -DG_LOG_DOMAIN=\"virt-tune-source\"
LIBS_SOURCE = libvt-source.a $(LIBS_MODEL) $(OSINFO_LIBS)
