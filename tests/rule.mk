## unit tests of src/rule
TESTS_RULE = tests/test-rule tests/test-rule-load
UNIT_TESTS += $(TESTS_RULE)
EXTRA_DIST += tests/vt-test-rule.h
tests_test_rule_SOURCES = tests/test-rule.c
tests_test_rule_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_rule_LDADD = $(LIBS_RULE) $(CMOCKA_LIBS) -lm
tests_test_rule_load_SOURCES = tests/test-rule-load.c
tests_test_rule_load_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_rule_load_LDADD = $(LIBS_RULE) $(CMOCKA_LIBS) -lm
