## unit tests of src/base
TESTS_BASE =
UNIT_TESTS += $(TESTS_BASE)
