## unit tests of src/plan
TESTS_PLAN =
UNIT_TESTS += $(TESTS_PLAN)
