## unit tests of src/source
TESTS_SOURCE =
UNIT_TESTS += $(TESTS_SOURCE)
