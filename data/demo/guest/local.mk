## The bare-metal guest: a firmware image for the demo and the end-to-end tests.
EXTRA_DIST += data/demo/guest/guest.S data/demo/guest/guest.ld
if HAVE_GUEST
noinst_DATA += data/demo/guest/guest.rom
CLEANFILES += data/demo/guest/guest.rom data/demo/guest/guest.elf
data/demo/guest/guest.rom: $(srcdir)/data/demo/guest/guest.S $(srcdir)/data/demo/guest/guest.ld
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(CC) $(VT_GUEST_LINK) -Wl,-T,$(srcdir)/data/demo/guest/guest.ld -o $(@D)/guest.elf $(srcdir)/data/demo/guest/guest.S && \
	$(OBJCOPY) -O binary $(@D)/guest.elf $@
endif
