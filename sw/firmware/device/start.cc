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

/* Where a program returns to: with the firmware's own registers again. */
asm(".section .text.program_return, \"ax\", @progbits\n"
    ".globl program_return\n"
    "program_return:\n"
    "  .option push\n"
    "  .option norelax\n"
    "  la gp, __global_pointer$\n"
    "  .option pop\n"
    "  la sp, _stack_top\n"
    "  la t0, trap_entry\n"
    "  csrw mtvec, t0\n"
    "  j device_program_ended\n"
    ".text\n");
extern "C" Return program_return;

extern "C" [[noreturn]] __attribute__((used)) void device_program_ended(Ending how, uint32_t a,
                                                                        uint32_t b, uint32_t c) {
  ProgramEnded(how, a, b, c);
  Serve();
}

void RunProgram(const uint8_t *begin) {
  asm volatile("mv a0, %1\n .word 0x0000100f\n jr %0" /* fence.i: its code was written as data */
               ::"r"(begin),
               "r"(program_return)
               : "a0", "memory");
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

