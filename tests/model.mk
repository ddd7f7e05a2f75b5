## unit tests of src/model
TESTS_MODEL =
UNIT_TESTS += $(TESTS_MODEL)
