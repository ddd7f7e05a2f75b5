## unit tests of src/rule
TESTS_RULE = tests/test-policy \
	tests/test-rule \
	tests/test-rule-cond \
	tests/test-rule-cond-fact \
	tests/test-rule-cond-measured \
	tests/test-rule-cond-own \
	tests/test-rule-cond-rule \
	tests/test-rule-lint \
	tests/test-rule-load \
	tests/test-rule-load-dir \
	tests/test-rule-match \
	tests/test-rule-match-finding \
	tests/test-rule-measure \
	tests/test-rule-verdict
UNIT_TESTS += $(TESTS_RULE)
EXTRA_DIST += tests/vt-test-rule.h
tests_test_policy_SOURCES = tests/test-policy.c
tests_test_policy_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_policy_LDADD = $(LIBS_RULE) $(CMOCKA_LIBS) -lm
tests_test_rule_SOURCES = tests/test-rule.c
tests_test_rule_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_rule_LDADD = $(LIBS_RULE) $(CMOCKA_LIBS) -lm
tests_test_rule_cond_SOURCES = tests/test-rule-cond.c
tests_test_rule_cond_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_rule_cond_LDADD = $(LIBS_RULE) $(CMOCKA_LIBS) -lm
tests_test_rule_cond_fact_SOURCES = tests/test-rule-cond-fact.c
tests_test_rule_cond_fact_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_rule_cond_fact_LDADD = $(LIBS_RULE) $(CMOCKA_LIBS) -lm
tests_test_rule_cond_own_SOURCES = tests/test-rule-cond-own.c
tests_test_rule_cond_own_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_rule_cond_own_LDADD = $(LIBS_RULE) $(CMOCKA_LIBS) -lm
tests_test_rule_cond_measured_SOURCES = tests/test-rule-cond-measured.c
tests_test_rule_cond_measured_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_rule_cond_measured_LDADD = $(LIBS_RULE) $(CMOCKA_LIBS) -lm
tests_test_rule_cond_rule_SOURCES = tests/test-rule-cond-rule.c
tests_test_rule_cond_rule_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_rule_cond_rule_LDADD = $(LIBS_RULE) $(CMOCKA_LIBS) -lm
tests_test_rule_lint_SOURCES = tests/test-rule-lint.c
tests_test_rule_lint_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_rule_lint_LDADD = $(LIBS_RULE) $(CMOCKA_LIBS) -lm
tests_test_rule_load_SOURCES = tests/test-rule-load.c
tests_test_rule_load_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_rule_load_LDADD = $(LIBS_RULE) $(CMOCKA_LIBS) -lm
tests_test_rule_match_SOURCES = tests/test-rule-match.c tests/vt-test-match.h
tests_test_rule_match_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_rule_match_LDADD = $(LIBS_RULE) $(CMOCKA_LIBS) -lm
tests_test_rule_match_finding_SOURCES = tests/test-rule-match-finding.c tests/vt-test-match.h
tests_test_rule_match_finding_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_rule_match_finding_LDADD = $(LIBS_RULE) $(CMOCKA_LIBS) -lm
tests_test_rule_load_dir_SOURCES = tests/test-rule-load-dir.c
tests_test_rule_load_dir_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_rule_load_dir_LDADD = $(LIBS_RULE) $(CMOCKA_LIBS) -lm
tests_test_rule_measure_SOURCES = tests/test-rule-measure.c
tests_test_rule_measure_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_rule_measure_LDADD = $(LIBS_RULE) $(CMOCKA_LIBS) -lm
tests_test_rule_verdict_SOURCES = tests/test-rule-verdict.c
tests_test_rule_verdict_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_rule_verdict_LDADD = $(LIBS_RULE) $(CMOCKA_LIBS) -lm
## no false alarms
TESTS += tests/test-healthy.py
dist_check_SCRIPTS += tests/test-healthy.py
EXTRA_DIST += tests/healthy
