## unit tests of src/base
TESTS_BASE = tests/test-json tests/test-text tests/test-xml
tests_test_text_SOURCES = tests/test-text.c
tests_test_text_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_text_LDADD = $(LIBS_BASE) $(CMOCKA_LIBS) -lm
tests_test_xml_SOURCES = tests/test-xml.c
tests_test_xml_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_xml_LDADD = $(LIBS_BASE) $(CMOCKA_LIBS)
tests_test_json_SOURCES = tests/test-json.c
tests_test_json_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_test_json_LDADD = $(LIBS_BASE) $(CMOCKA_LIBS)
UNIT_TESTS += $(TESTS_BASE)
