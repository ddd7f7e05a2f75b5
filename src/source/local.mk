noinst_LIBRARIES += libvt-source.a
libvt_source_a_SOURCES = \
	src/source/bundle.c src/source/bundle.h \
	src/source/domstats.c src/source/domstats.h \
	src/source/host-json.c src/source/host-json.h \
	src/source/host-memory.c src/source/host-memory.h \
	src/source/host-place.c src/source/host-place.h \
	src/source/import-bpftrace.c \
	src/source/import-choice.c src/source/import-choice.h \
	src/source/import-domstats.c \
	src/source/import-hist.c \
	src/source/import-kvm-event.c src/source/import-kvm-event.h \
	src/source/import-kvm-stat-log.c \
	src/source/import-kvm-stat.c src/source/import-kvm-stat.h \
	src/source/import-kvmexit.c \
	src/source/import-part.c src/source/import-part.h \
	src/source/import-perf-kvm-stat.c \
	src/source/import-reason.c src/source/import-reason.h \
	src/source/import-perf-stat.c \
	src/source/import-service-time.c \
	src/source/import-systemtap.c \
	src/source/import-trace.c \
	src/source/import-trace-exit.c src/source/import-trace-exit.h \
	src/source/import.c src/source/import.h \
	src/source/interrupts.c src/source/interrupts.h \
	src/source/kvm-debugfs.c src/source/kvm-debugfs.h \
	src/source/native.c src/source/native-format.c src/source/native.h \
	src/source/pci.c src/source/pci.h \
	src/source/qemu-process.c src/source/qemu-process.h \
	src/source/redact.c src/source/redact.h \
	src/source/redact-cmdline.c src/source/redact-cmdline.h \
	src/source/redact-qemu.c src/source/redact-qemu.h \
	src/source/redact-word.c src/source/redact-word.h \
	src/source/redact-xml.c src/source/redact-xml.h \
	src/source/source-bpf.c \
	src/source/source-debugfs.c \
	src/source/source-guest.c src/source/source-guest.h \
	src/source/source-host.c src/source/source-host.h \
	src/source/source-interrupts.c \
	src/source/source-libvirt.c \
	src/source/rights.c src/source/rights.h \
	src/source/source-schedstat.c \
	src/source/gap.c src/source/gap.h \
	src/source/sample.c src/source/sample.h \
	src/source/source.c src/source/source.h \
	src/source/trace-line.c src/source/trace-line.h \
	src/source/stats-call.c src/source/stats-call.h
libvt_source_a_CPPFLAGS = $(AM_CPPFLAGS) -DG_LOG_DOMAIN=\"virt-tune-source\"
LIBS_SOURCE = libvt-source.a $(LIBS_MODEL) $(OSINFO_LIBS) $(BPF_LIBS)

## The programs that run in the kernel: compiled for BPF, then made a header by which the source loads them.
EXTRA_DIST += src/source/vmexit.bpf.c
if HAVE_BPF
libvt_source_a_SOURCES += \
	src/source/bpf-meter.c src/source/bpf-meter.h \
	src/source/bpf-metric.c src/source/bpf-metric.h \
	src/source/btf-layout.c src/source/btf-layout.h \
	src/source/vmexit.h
nodist_libvt_source_a_SOURCES = src/source/vmexit.skel.h
libvt_source_a_CPPFLAGS += -I$(top_builddir)/src
BUILT_SOURCES += src/source/vmexit.skel.h
CLEANFILES += src/source/vmexit.bpf.o src/source/vmexit.bpf.tmp src/source/vmexit.skel.h

src/source/vmexit.bpf.o: $(srcdir)/src/source/vmexit.bpf.c $(srcdir)/src/source/vmexit.h
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(CLANG) $(VT_BPF_CFLAGS) -I$(srcdir)/src -c -o src/source/vmexit.bpf.tmp $(srcdir)/src/source/vmexit.bpf.c && \
	$(BPFTOOL) gen object $@ src/source/vmexit.bpf.tmp && rm -f src/source/vmexit.bpf.tmp

## BUILT_SOURCES serve `make all` only; this serves every other target.
src/source/libvt_source_a-bpf-meter.$(OBJEXT): src/source/vmexit.skel.h

src/source/vmexit.skel.h: src/source/vmexit.bpf.o
	$(AM_V_GEN)$(BPFTOOL) gen skeleton src/source/vmexit.bpf.o name vt_vmexit >$@.tmp && mv $@.tmp $@
endif
