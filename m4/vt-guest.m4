dnl SPDX-License-Identifier: GPL-2.0-or-later
dnl
dnl VT_GUEST: can this toolchain build the bare-metal guest of the demo and the end-to-end tests?
dnl Sets OBJCOPY, VT_GUEST_LINK (the compiler's options for it) and the conditional HAVE_GUEST.
AC_DEFUN([VT_GUEST], [
AC_CHECK_TOOL([OBJCOPY], [objcopy])
AC_SUBST([VT_GUEST_LINK], ['-m64 -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack'])
AC_CACHE_CHECK([whether $CC builds the bare-metal guest], [vt_cv_guest], [
  vt_cv_guest=no
  AS_IF([test -n "$OBJCOPY" &&
         $CC $VT_GUEST_LINK -Wl,-T,"$srcdir/data/demo/guest/guest.ld" -o conftest.elf "$srcdir/data/demo/guest/guest.S" 2>&AS_MESSAGE_LOG_FD &&
         $OBJCOPY -O binary conftest.elf conftest.rom 2>&AS_MESSAGE_LOG_FD],
    [vt_cv_guest=yes])
  rm -f conftest.elf conftest.rom])
AM_CONDITIONAL([HAVE_GUEST], [test "x$vt_cv_guest" = xyes])
])
