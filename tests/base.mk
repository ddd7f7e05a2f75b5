## unit tests of src/base
TESTS_BASE = \
	tests/test-cpus \
	tests/test-csv \
	tests/test-durable \
	tests/test-error \
	tests/test-file \
	tests/test-json \
	tests/test-key-file \
	tests/test-outfile \
	tests/test-rng-names \
	tests/test-root \
	tests/test-term \
	tests/test-sort \
	tests/test-text \
	tests/test-version \
	tests/test-virt \
	tests/test-xml \
	tests/test-xpath-name \
	tests/test-xpath
tests_test_cpus_SOURCES = tests/test-cpus.c
tests_test_cpus_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_cpus_LDADD = $(LIBS_BASE) $(CMOCKA_LIBS)
tests_test_csv_SOURCES = tests/test-csv.c
tests_test_csv_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_csv_LDADD = $(LIBS_BASE) $(CMOCKA_LIBS)
tests_test_durable_SOURCES = tests/test-durable.c
tests_test_durable_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_durable_LDADD = $(LIBS_BASE) $(CMOCKA_LIBS)
tests_test_error_SOURCES = tests/test-error.c
tests_test_error_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_error_LDADD = $(LIBS_BASE) $(CMOCKA_LIBS)
tests_test_file_SOURCES = tests/test-file.c
tests_test_file_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_file_LDADD = $(LIBS_BASE) $(CMOCKA_LIBS)
tests_test_json_SOURCES = tests/test-json.c
tests_test_json_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_json_LDADD = $(LIBS_BASE) $(CMOCKA_LIBS)
tests_test_key_file_SOURCES = tests/test-key-file.c
tests_test_key_file_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_key_file_LDADD = $(LIBS_BASE) $(CMOCKA_LIBS)
tests_test_outfile_SOURCES = tests/test-outfile.c
tests_test_outfile_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_outfile_LDADD = $(LIBS_BASE) $(CMOCKA_LIBS)
tests_test_rng_names_SOURCES = tests/test-rng-names.c
tests_test_rng_names_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_rng_names_LDADD = $(LIBS_BASE) $(CMOCKA_LIBS)
tests_test_xpath_name_SOURCES = tests/test-xpath-name.c
tests_test_xpath_name_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_xpath_name_LDADD = $(LIBS_BASE) $(CMOCKA_LIBS)
tests_test_root_SOURCES = tests/test-root.c
tests_test_root_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_root_LDADD = $(LIBS_BASE) $(CMOCKA_LIBS)
tests_test_term_SOURCES = tests/test-term.c
tests_test_term_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_term_LDADD = $(LIBS_BASE) $(CMOCKA_LIBS)
tests_test_sort_SOURCES = tests/test-sort.c
tests_test_sort_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_sort_LDADD = $(LIBS_BASE) $(CMOCKA_LIBS)
tests_test_text_SOURCES = tests/test-text.c
tests_test_text_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_text_LDADD = $(LIBS_BASE) $(CMOCKA_LIBS)
tests_test_version_SOURCES = tests/test-version.c
tests_test_version_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_version_LDADD = $(LIBS_BASE) $(CMOCKA_LIBS)
tests_test_virt_SOURCES = tests/test-virt.c
tests_test_virt_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_virt_LDADD = $(LIBS_BASE) $(CMOCKA_LIBS)
tests_test_xml_SOURCES = tests/test-xml.c
tests_test_xml_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_xml_LDADD = $(LIBS_BASE) $(CMOCKA_LIBS)
tests_test_xpath_SOURCES = tests/test-xpath.c
tests_test_xpath_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_xpath_LDADD = $(LIBS_BASE) $(CMOCKA_LIBS)
UNIT_TESTS += $(TESTS_BASE)

TESTS_BASE += tests/test-clock
tests_test_clock_SOURCES = tests/test-clock.c
tests_test_clock_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_clock_LDADD = $(LIBS_BASE) $(CMOCKA_LIBS)

TESTS_BASE += tests/test-progress
tests_test_progress_SOURCES = tests/test-progress.c
tests_test_progress_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_progress_LDADD = $(LIBS_BASE) $(CMOCKA_LIBS)
EXTRA_DIST += tests/vt-test-terminal.h
