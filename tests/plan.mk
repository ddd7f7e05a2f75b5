## unit tests of src/plan
TESTS_PLAN = \
	tests/test-apply \
	tests/test-cause \
	tests/test-device-change \
	tests/test-compose \
	tests/test-define \
	tests/test-diff \
	tests/test-drift \
	tests/test-gate \
	tests/test-history \
	tests/test-live \
	tests/test-patch \
	tests/test-patch-sel \
	tests/test-pending \
	tests/test-plan \
	tests/test-property \
	tests/test-readback \
	tests/test-record \
	tests/test-rules \
	tests/test-seed \
	tests/test-store \
	tests/test-value \
	tests/test-verify
tests_test_compose_SOURCES = tests/test-compose.c
tests_test_compose_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_compose_LDADD = $(LIBS_PLAN) $(CMOCKA_LIBS)
tests_test_diff_SOURCES = tests/test-diff.c
tests_test_diff_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_diff_LDADD = $(LIBS_PLAN) $(CMOCKA_LIBS)
tests_test_drift_SOURCES = tests/test-drift.c tests/vt-test-apply.h
tests_test_drift_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_drift_LDADD = $(LIBS_PLAN) $(CMOCKA_LIBS)
tests_test_patch_SOURCES = tests/test-patch.c tests/vt-test-patch.h
tests_test_patch_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_patch_LDADD = $(LIBS_PLAN) $(CMOCKA_LIBS)
tests_test_patch_sel_SOURCES = tests/test-patch-sel.c tests/vt-test-patch.h
tests_test_patch_sel_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_patch_sel_LDADD = $(LIBS_PLAN) $(CMOCKA_LIBS)
tests_test_plan_SOURCES = tests/test-plan.c
tests_test_plan_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_plan_LDADD = $(LIBS_PLAN) $(CMOCKA_LIBS)
tests_test_rules_SOURCES = tests/test-rules.c tests/vt-test-case.h
tests_test_rules_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_rules_LDADD = $(LIBS_PLAN) $(CMOCKA_LIBS)
EXTRA_DIST += tests/rules
tests_test_value_SOURCES = tests/test-value.c
tests_test_value_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_value_LDADD = $(LIBS_PLAN) $(CMOCKA_LIBS)
tests_test_record_SOURCES = tests/test-record.c tests/vt-test-apply.h
tests_test_record_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_record_LDADD = $(LIBS_PLAN) $(CMOCKA_LIBS)
tests_test_seed_SOURCES = tests/test-seed.c tests/vt-test-apply.h
tests_test_seed_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_seed_LDADD = $(LIBS_PLAN) $(CMOCKA_LIBS)
tests_test_store_SOURCES = tests/test-store.c tests/vt-test-apply.h
tests_test_store_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_store_LDADD = $(LIBS_PLAN) $(CMOCKA_LIBS)
tests_test_readback_SOURCES = tests/test-readback.c tests/vt-test-apply.h
tests_test_readback_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_readback_LDADD = $(LIBS_PLAN) $(CMOCKA_LIBS)
tests_test_gate_SOURCES = tests/test-gate.c tests/vt-test-apply.h
tests_test_gate_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_gate_LDADD = $(LIBS_PLAN) $(CMOCKA_LIBS)
tests_test_define_SOURCES = tests/test-define.c tests/vt-test-apply.h
tests_test_define_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_define_CPPFLAGS = $(AM_CPPFLAGS) -DVT_FAULT_INJECTION
tests_test_define_LDADD = $(LIBS_PLAN_FAULT) $(CMOCKA_LIBS)
tests_test_apply_SOURCES = tests/test-apply.c tests/vt-test-apply.h
tests_test_apply_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_apply_LDADD = $(LIBS_PLAN) $(CMOCKA_LIBS)
tests_test_history_SOURCES = tests/test-history.c tests/vt-test-apply.h
tests_test_history_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_history_LDADD = $(LIBS_PLAN) $(CMOCKA_LIBS)
tests_test_live_SOURCES = tests/test-live.c tests/vt-test-apply.h
tests_test_live_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_live_LDADD = $(LIBS_PLAN) $(CMOCKA_LIBS)
tests_test_device_change_SOURCES = tests/test-device-change.c tests/vt-test-rule.h
tests_test_device_change_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_device_change_LDADD = $(LIBS_PLAN) $(CMOCKA_LIBS)

tests_test_cause_SOURCES = tests/test-cause.c tests/vt-test-rule.h tests/vt-test-tree.h
tests_test_cause_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_cause_LDADD = $(LIBS_PLAN) $(CMOCKA_LIBS)
tests_test_pending_SOURCES = tests/test-pending.c tests/vt-test-apply.h
tests_test_pending_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_pending_LDADD = $(LIBS_PLAN) $(CMOCKA_LIBS)
tests_test_verify_SOURCES = tests/test-verify.c tests/vt-test-apply.h
tests_test_verify_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_verify_LDADD = $(LIBS_PLAN) $(CMOCKA_LIBS)
tests_test_property_SOURCES = tests/test-property.c tests/vt-test-apply.h tests/vt-test-untouched.h
tests_test_property_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_property_LDADD = $(LIBS_PLAN) $(CMOCKA_LIBS)
UNIT_TESTS += $(TESTS_PLAN)
