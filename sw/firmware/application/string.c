/* The part of <string.h> that applications use, besides the functions that compilers call. */
#include <stddef.h>
#include <stdint.h>

int strncmp(const char *a, const char *b, size_t size) {
  for (; size && *a && *a == *b; --size) ++a, ++b;
  return size ? (uint8_t)*a - (uint8_t)*b : 0;
}

char *strncpy(char *to, const char *from, size_t size) {
  size_t i = 0;
  for (; i < size && from[i]; ++i) to[i] = from[i];
  for (; i < size; ++i) to[i] = 0;
  return to;
}

char *strcpy(char *to, const char *from) {
  char *t = to;
  while ((*t++ = *from++)) {
  }
  return to;
}

char *strcat(char *to, const char *from) {
  char *end = to;
  while (*end) ++end;
  strcpy(end, from);
  return to;
}

char *strchr(const char *text, int character) {
  for (; *text != (char)character; ++text) {
    if (!*text) return NULL;
  }
  return (char *)text;
}
