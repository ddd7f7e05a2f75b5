## unit tests of src/report
TESTS_REPORT = \
	tests/test-html \
	tests/test-profile-table \
	tests/test-report-compare \
	tests/test-report-html \
	tests/test-report-json \
	tests/test-report-shell \
	tests/test-report-text \
	tests/test-shell-command \
	tests/test-top-view
tests_test_html_SOURCES = tests/test-html.c
tests_test_html_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_html_LDADD = $(LIBS_REPORT) $(CMOCKA_LIBS) -lm
tests_test_report_compare_SOURCES = tests/test-report-compare.c
tests_test_report_compare_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_report_compare_LDADD = $(LIBS_REPORT) $(CMOCKA_LIBS) -lm
tests_test_report_html_SOURCES = tests/test-report-html.c tests/report-fixture.c tests/report-fixture.h
tests_test_report_html_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_report_html_LDADD = $(LIBS_REPORT) $(CMOCKA_LIBS) -lm
tests_test_profile_table_SOURCES = tests/test-profile-table.c
tests_test_profile_table_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_profile_table_LDADD = $(LIBS_REPORT) $(CMOCKA_LIBS) -lm
tests_test_report_json_SOURCES = tests/test-report-json.c tests/report-fixture.c tests/report-fixture.h
tests_test_report_json_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_report_json_LDADD = $(LIBS_REPORT) $(CMOCKA_LIBS) -lm
tests_test_report_text_SOURCES = tests/test-report-text.c tests/report-fixture.c tests/report-fixture.h
tests_test_report_text_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_report_text_LDADD = $(LIBS_REPORT) $(CMOCKA_LIBS) -lm
tests_test_report_shell_SOURCES = tests/test-report-shell.c tests/report-fixture.c tests/report-fixture.h
tests_test_report_shell_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_report_shell_LDADD = $(LIBS_REPORT) $(CMOCKA_LIBS) -lm
tests_test_shell_command_SOURCES = tests/test-shell-command.c
tests_test_shell_command_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_shell_command_LDADD = $(LIBS_REPORT) $(CMOCKA_LIBS) -lm
tests_test_top_view_SOURCES = tests/test-top-view.c
tests_test_top_view_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_top_view_LDADD = $(LIBS_REPORT) $(CMOCKA_LIBS) -lm
EXTRA_DIST += \
	tests/validate-json.py \
	tests/report/fleet.txt \
	tests/report/one.html \
	tests/report/one.sh \
	tests/report/one.txt \
	tests/report/report.csv \
	tests/report/report.json \
	tests/report/verbose.txt
TESTS_REPORT += tests/test-bars tests/test-profile-csv tests/test-report-csv tests/test-table tests/test-top-layout tests/test-vcpu-table
UNIT_TESTS += $(TESTS_REPORT)
tests_test_bars_SOURCES = tests/test-bars.c
tests_test_bars_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_bars_LDADD = $(LIBS_REPORT) $(CMOCKA_LIBS) -lm
tests_test_profile_csv_SOURCES = tests/test-profile-csv.c
tests_test_profile_csv_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_profile_csv_LDADD = $(LIBS_REPORT) $(CMOCKA_LIBS) -lm
tests_test_table_SOURCES = tests/test-table.c
tests_test_table_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_table_LDADD = $(LIBS_REPORT) $(CMOCKA_LIBS)
tests_test_top_layout_SOURCES = tests/test-top-layout.c
tests_test_top_layout_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_top_layout_LDADD = $(LIBS_REPORT) $(CMOCKA_LIBS) -lm
tests_test_vcpu_table_SOURCES = tests/test-vcpu-table.c
tests_test_vcpu_table_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_vcpu_table_LDADD = $(LIBS_REPORT) $(CMOCKA_LIBS) -lm
tests_test_report_csv_SOURCES = tests/test-report-csv.c tests/report-fixture.c tests/report-fixture.h
tests_test_report_csv_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_report_csv_LDADD = $(LIBS_REPORT) $(CMOCKA_LIBS) -lm
