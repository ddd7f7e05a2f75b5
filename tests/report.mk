## unit tests of src/report
TESTS_REPORT =
UNIT_TESTS += $(TESTS_REPORT)
