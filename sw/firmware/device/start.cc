/* Start-up from crt0.S to the command loop, and return to it from a trap. */
#include "commands.h"
#include "design.h"
#include "dram.h"
#include "flash.h"
#include "platform.h"
#include "port.h"
#include "reply.h"
#include "serial.h"
#include "soc.h"

namespace device {

const char kBoard[] = SOC_NAME, kDesign[] = DESIGN_SPEC, kOnlyModel[] = FIRMWARE_MODEL;
const uint32_t kClockHz = SOC_CLOCK_HZ;

uint64_t Cycles() { return mcycle(); }

namespace {

uint32_t trap_cause, trap_pc, trap_value;

[[noreturn]] void Serve() {
  for (;;) Receive(Get());
}

}  // namespace

/* Back on the program's own stack. */
extern "C" [[noreturn]] __attribute__((used)) void device_recover() {
  RecoverFrom(trap_cause, trap_pc, trap_value);
  Serve();
}

extern "C" [[noreturn]] void trap(uint32_t cause, uint32_t pc, uint32_t value) {
  trap_cause = cause;
  trap_pc = pc;
  trap_value = value;
  asm volatile("la sp, _stack_top\n j device_recover");
  __builtin_unreachable();
}

extern "C" [[noreturn]] void firmware_main() {
  StartFlash();
  if (StartDram()) {
    Boot();
  } else {
    RefuseAll();
  }
  Serve();
}

}  // namespace device

