## unit tests of src/model
TESTS_MODEL = \
	tests/test-exit-reason \
	tests/test-histogram \
	tests/test-median \
	tests/test-metric \
	tests/test-profile \
	tests/test-profile-vcpu \
	tests/test-rank-test \
	tests/test-region \
	tests/test-profile-fit \
	tests/test-profile-join \
	tests/test-profile-last \
	tests/test-compare \
	tests/test-cost \
	tests/test-host \
	tests/test-domain \
	tests/test-finding
UNIT_TESTS += $(TESTS_MODEL)
tests_test_exit_reason_SOURCES = tests/test-exit-reason.c
tests_test_exit_reason_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_exit_reason_LDADD = $(LIBS_MODEL) $(CMOCKA_LIBS) -lm
tests_test_metric_SOURCES = tests/test-metric.c
tests_test_metric_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_metric_LDADD = $(LIBS_MODEL) $(CMOCKA_LIBS) -lm
tests_test_profile_SOURCES = tests/test-profile.c
tests_test_profile_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_profile_LDADD = $(LIBS_MODEL) $(CMOCKA_LIBS) -lm
tests_test_profile_fit_SOURCES = tests/test-profile-fit.c
tests_test_profile_fit_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_profile_fit_LDADD = $(LIBS_MODEL) $(CMOCKA_LIBS) -lm
tests_test_profile_join_SOURCES = tests/test-profile-join.c
tests_test_profile_join_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_profile_join_LDADD = $(LIBS_MODEL) $(CMOCKA_LIBS) -lm
tests_test_profile_last_SOURCES = tests/test-profile-last.c
tests_test_profile_last_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_profile_last_LDADD = $(LIBS_MODEL) $(CMOCKA_LIBS) -lm
tests_test_rank_test_SOURCES = tests/test-rank-test.c
tests_test_rank_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_rank_test_LDADD = $(LIBS_MODEL) $(CMOCKA_LIBS) -lm
tests_test_compare_SOURCES = tests/test-compare.c
tests_test_compare_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_compare_LDADD = $(LIBS_MODEL) $(CMOCKA_LIBS) -lm
tests_test_cost_SOURCES = tests/test-cost.c
tests_test_cost_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_cost_LDADD = $(LIBS_MODEL) $(CMOCKA_LIBS) -lm
tests_test_host_SOURCES = tests/test-host.c
tests_test_host_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_host_LDADD = $(LIBS_MODEL) $(CMOCKA_LIBS) -lm
tests_test_domain_SOURCES = tests/test-domain.c
tests_test_domain_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_domain_LDADD = $(LIBS_MODEL) $(CMOCKA_LIBS) -lm
tests_test_finding_SOURCES = tests/test-finding.c
tests_test_finding_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_finding_LDADD = $(LIBS_MODEL) $(CMOCKA_LIBS) -lm
tests_test_profile_vcpu_SOURCES = tests/test-profile-vcpu.c
tests_test_profile_vcpu_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_profile_vcpu_LDADD = $(LIBS_MODEL) $(CMOCKA_LIBS) -lm
tests_test_region_SOURCES = tests/test-region.c
tests_test_region_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_region_LDADD = $(LIBS_MODEL) $(CMOCKA_LIBS) -lm
tests_test_histogram_SOURCES = tests/test-histogram.c
tests_test_histogram_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_histogram_LDADD = $(LIBS_MODEL) $(CMOCKA_LIBS) -lm
tests_test_median_SOURCES = tests/test-median.c
tests_test_median_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_median_LDADD = $(LIBS_MODEL) $(CMOCKA_LIBS) -lm
