## unit tests of src/cmd
TESTS_CMD =
UNIT_TESTS += $(TESTS_CMD)

EXTRA_DIST += tests/tap.sh
