/*
 * Preloaded into User-Mode Linux. Its kernel keeps the extended registers of a guest's process in 2696 bytes (up to AVX-512
 * and protection keys), and hands just these back to the host. The host takes nothing but the whole state of its CPU, 11 kB
 * where there is AMX, so the first process of a guest panics with "ptrace set fp regs failed, errno = 14". Here the
 * two talk in sizes of their own. What the kernel has no room for is empty: AMX needs a permission
 * (ARCH_REQ_XCOMP_PERM) that no guest can ask for.
 */

enum { GETREGSET = 0x4204, SETREGSET = 0x4205, XSTATE = 0x202 }; /* linux/ptrace.h, linux/elf.h */

struct iovec {
  unsigned long *base;
  unsigned long length;
};

extern void *dlsym(void *handle, const char *name);

static unsigned long whole[8192];
/* Bytes of the host's whole state, known from the first question for it; always a multiple of 8. */
static unsigned long size;

static void copy(unsigned long *to, unsigned long *from, unsigned long bytes) {
  unsigned long *end = from + bytes / sizeof *from;
  while (from < end) *to++ = *from++;
}

/* Takes the place of ptrace(2) in libc. */
long ptrace(long request, long pid, void *address, void *data) {
  static long (*next)(long, long, void *, void *);
  struct iovec *part = data;
  struct iovec state = {whole, sizeof whole};
  long result;

  if (!next) next = dlsym((void *)-1, "ptrace"); /* RTLD_NEXT */
  if ((request != GETREGSET && request != SETREGSET) || address != (void *)XSTATE)
    return next(request, pid, address, data);
  if (!size) {
    result = next(GETREGSET, pid, address, &state);
    if (result < 0) return result;
    size = state.length;
  }
  if (part->length > size) part->length = size;
  /* The host gives as much as is asked for, but takes all or nothing. */
  if (request == GETREGSET || part->length == size) return next(request, pid, address, part);
  copy(whole, part->base, part->length);
  state.length = size;
  return next(SETREGSET, pid, address, &state);
}
