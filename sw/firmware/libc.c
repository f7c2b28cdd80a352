/* The C library functions that compilers call, without a C library. They work word by word if both pointers
 * are aligned alike. */
#include <stddef.h>
#include <stdint.h>

typedef uint32_t __attribute__((may_alias)) word;

static int together(const void *a, const void *b) {
  return (((uintptr_t)a | (uintptr_t)b) & 3) == 0;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size) {
  uint8_t *t = to;
  const uint8_t *f = from;
  if (together(t, f)) {
    for (; size >= 16; size -= 16, t += 16, f += 16) {
      const word a = ((const word *)f)[0], b = ((const word *)f)[1];
      const word c = ((const word *)f)[2], d = ((const word *)f)[3];
      ((word *)t)[0] = a;
      ((word *)t)[1] = b;
      ((word *)t)[2] = c;
      ((word *)t)[3] = d;
    }
    for (; size >= 4; size -= 4, t += 4, f += 4) *(word *)t = *(const word *)f;
  }
  while (size--) *t++ = *f++;
  return to;
}

void *memmove(void *to, const void *from, size_t size) {
  uint8_t *t = to;
  const uint8_t *f = from;
  if ((uintptr_t)t - (uintptr_t)f >= size) return memcpy(to, from, size);
  while (size--) t[size] = f[size];
  return to;
}

void *memset(void *to, int value, size_t size) {
  uint8_t *t = to;
  const word four = (uint8_t)value * 0x01010101u;
  if (together(t, t)) {
    for (; size >= 16; size -= 16, t += 16) {
      ((word *)t)[0] = four;
      ((word *)t)[1] = four;
      ((word *)t)[2] = four;
      ((word *)t)[3] = four;
    }
    for (; size >= 4; size -= 4, t += 4) *(word *)t = four;
  }
  while (size--) *t++ = (uint8_t)value;
  return to;
}

int memcmp(const void *a, const void *b, size_t size) {
  const uint8_t *x = a, *y = b;
  for (; size; --size, ++x, ++y) {
    if (*x != *y) return *x - *y;
  }
  return 0;
}

int strcmp(const char *a, const char *b) {
  while (*a && *a == *b) ++a, ++b;
  return (uint8_t)*a - (uint8_t)*b;
}

size_t strlen(const char *text) {
  size_t length = 0;
  while (text[length]) ++length;
  return length;
}
