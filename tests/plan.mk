## unit tests of src/plan
TESTS_PLAN = tests/test-diff tests/test-patch tests/test-plan tests/test-value
tests_test_diff_SOURCES = tests/test-diff.c
tests_test_diff_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_diff_LDADD = $(LIBS_PLAN) $(CMOCKA_LIBS)
tests_test_patch_SOURCES = tests/test-patch.c
tests_test_patch_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_patch_LDADD = $(LIBS_PLAN) $(CMOCKA_LIBS)
tests_test_plan_SOURCES = tests/test-plan.c
tests_test_plan_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_plan_LDADD = $(LIBS_PLAN) $(CMOCKA_LIBS)
tests_test_value_SOURCES = tests/test-value.c
tests_test_value_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_value_LDADD = $(LIBS_PLAN) $(CMOCKA_LIBS)
UNIT_TESTS += $(TESTS_PLAN)
