/* Platform functions for an application on the SoC: start-up from crt0.S, messages and time. */
#include "platform.h"
#include "soc.h"
#include "tensorflow/lite/micro/micro_log.h"
#include "tensorflow/lite/micro/micro_time.h"

/* C++ forbids calling main by its name. */
extern "C" int application_main(int argc, char **argv) asm("main");

extern "C" {

/* The value that main returned, which the host reads. */
volatile int32_t application_returned;

using Constructor = void (*)();
extern Constructor const _constructors_begin[], _constructors_end[]; /* link.ld */

[[noreturn]] void exit(int status) {
  application_returned = status;
  finish(MAILBOX_DONE);
}

[[noreturn]] void firmware_main() {
  for (Constructor const *each = _constructors_begin; each != _constructors_end; ++each) (*each)();
  static char name[] = "application";
  static char *arguments[] = {name, nullptr};
  exit(application_main(1, arguments));
}

void DebugLog(const char *line) { print_line(line); }

/* Nothing is destroyed: the machine stops when the program ends. */
void *__dso_handle;
int __cxa_atexit(void (*)(void *), void *, void *) { return 0; }
}

namespace tflite {

uint32_t ticks_per_second() { return SOC_CLOCK_HZ; }
uint32_t GetCurrentTimeTicks() { return mcycle_low(); }

}  // namespace tflite
