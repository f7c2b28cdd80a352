/* From the first C code to main, and messages. */
#include "surroundings.h"
#include "tensorflow/lite/micro/micro_log.h"

/* C++ forbids calling main by its name. */
extern "C" int application_main(int argc, char **argv) asm("main");

extern "C" {

using Constructor = void (*)();
extern Constructor const _constructors_begin[], _constructors_end[]; /* link.ld */

[[noreturn]] void exit(int status) { End(status); }

[[noreturn]] void application_start() {
  for (Constructor const *each = _constructors_begin; each != _constructors_end; ++each) (*each)();
  static char name[] = "application";
  static char *arguments[] = {name, nullptr};
  exit(application_main(1, arguments));
}

void DebugLog(const char *line) {
  Write(line);
  Write("\n");
}

/* Nothing is destroyed: the machine stops when the program ends. */
void *__dso_handle;
int __cxa_atexit(void (*)(void *), void *, void *) { return 0; }
}
