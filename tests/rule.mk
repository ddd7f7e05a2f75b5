## unit tests of src/rule
TESTS_RULE =
UNIT_TESTS += $(TESTS_RULE)
