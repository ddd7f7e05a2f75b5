## unit tests of src/source
TESTS_SOURCE = tests/test-domstats tests/test-interrupts tests/test-qemu-process tests/test-source \
	tests/test-source-bpf tests/test-source-guest tests/test-source-host tests/test-source-interrupts tests/test-source-libvirt \
	tests/test-stats-call
tests_test_domstats_SOURCES = tests/test-domstats.c
tests_test_domstats_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_domstats_LDADD = $(LIBS_SOURCE) $(CMOCKA_LIBS)
tests_test_interrupts_SOURCES = tests/test-interrupts.c
tests_test_interrupts_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_interrupts_LDADD = $(LIBS_SOURCE) $(CMOCKA_LIBS)
tests_test_qemu_process_SOURCES = tests/test-qemu-process.c
tests_test_qemu_process_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_qemu_process_LDADD = $(LIBS_SOURCE) $(CMOCKA_LIBS)
tests_test_source_SOURCES = tests/test-source.c
tests_test_source_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_source_LDADD = $(LIBS_SOURCE) $(CMOCKA_LIBS)
tests_test_source_bpf_SOURCES = tests/test-source-bpf.c
tests_test_source_bpf_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_source_bpf_LDADD = $(LIBS_SOURCE) $(CMOCKA_LIBS)
tests_test_source_guest_SOURCES = tests/test-source-guest.c
tests_test_source_guest_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_source_guest_LDADD = $(LIBS_SOURCE) $(CMOCKA_LIBS)
tests_test_source_host_SOURCES = tests/test-source-host.c
tests_test_source_host_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_source_host_LDADD = $(LIBS_SOURCE) $(CMOCKA_LIBS)
tests_test_source_interrupts_SOURCES = tests/test-source-interrupts.c
tests_test_source_interrupts_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_source_interrupts_LDADD = $(LIBS_SOURCE) $(CMOCKA_LIBS)
tests_test_source_libvirt_SOURCES = tests/test-source-libvirt.c
tests_test_source_libvirt_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_source_libvirt_LDADD = $(LIBS_SOURCE) $(CMOCKA_LIBS)
## the readers of files
TESTS_SOURCE += tests/test-native tests/test-host-json tests/test-import tests/test-import-systemtap \
	tests/test-import-kvm-stat
tests_test_native_SOURCES = tests/test-native.c
tests_test_native_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_native_LDADD = $(LIBS_SOURCE) $(CMOCKA_LIBS)
tests_test_host_json_SOURCES = tests/test-host-json.c
tests_test_host_json_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_host_json_LDADD = $(LIBS_SOURCE) $(CMOCKA_LIBS)
tests_test_import_SOURCES = tests/test-import.c
tests_test_import_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_import_LDADD = $(LIBS_SOURCE) $(CMOCKA_LIBS) -lm
tests_test_import_systemtap_SOURCES = tests/test-import-systemtap.c
tests_test_import_systemtap_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_import_systemtap_LDADD = $(LIBS_SOURCE) $(CMOCKA_LIBS) -lm
tests_test_import_kvm_stat_SOURCES = tests/test-import-kvm-stat.c
tests_test_import_kvm_stat_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_import_kvm_stat_LDADD = $(LIBS_SOURCE) $(CMOCKA_LIBS) -lm
TESTS_SOURCE += tests/test-import-perf-kvm-stat tests/test-import-reason
tests_test_import_reason_SOURCES = tests/test-import-reason.c
tests_test_import_reason_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_import_reason_LDADD = $(LIBS_SOURCE) $(CMOCKA_LIBS)
tests_test_import_perf_kvm_stat_SOURCES = tests/test-import-perf-kvm-stat.c
tests_test_import_perf_kvm_stat_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_import_perf_kvm_stat_LDADD = $(LIBS_SOURCE) $(CMOCKA_LIBS) -lm
EXTRA_DIST += tests/vt-test-import.h tests/vt-test-schema.h tests/data/recordings
if HAVE_BPF
TESTS_SOURCE += tests/test-bpf-meter tests/test-bpf-metric tests/test-btf-layout tests/test-vmexit
tests_test_bpf_meter_SOURCES = tests/test-bpf-meter.c
tests_test_bpf_meter_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_bpf_meter_LDADD = $(LIBS_SOURCE) $(CMOCKA_LIBS)
tests_test_bpf_metric_SOURCES = tests/test-bpf-metric.c
tests_test_bpf_metric_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_bpf_metric_LDADD = $(LIBS_SOURCE) $(CMOCKA_LIBS)
tests_test_btf_layout_SOURCES = tests/test-btf-layout.c
tests_test_btf_layout_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_btf_layout_LDADD = $(LIBS_SOURCE) $(CMOCKA_LIBS)
tests_test_vmexit_SOURCES = tests/test-vmexit.c
tests_test_vmexit_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_builddir)/src
tests_test_vmexit_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_vmexit_LDADD = $(LIBS_SOURCE) $(CMOCKA_LIBS)
endif
tests_test_stats_call_SOURCES = tests/test-stats-call.c
tests_test_stats_call_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_stats_call_LDADD = $(LIBS_SOURCE) $(CMOCKA_LIBS)
UNIT_TESTS += $(TESTS_SOURCE)
EXTRA_DIST += tests/vt-test-guest.h tests/vt-test-tree.h tests/capture-host.sh tests/data/hosts tests/data/osinfo
