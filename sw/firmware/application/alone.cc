/* A program that the board starts at reset. */
#include "device/serial.h"
#include "flash.h"
#include "platform.h"
#include "soc.h"
#include "surroundings.h"
#include "tensorflow/lite/micro/micro_log.h"

namespace {

/* A simulation ends here; what follows happens on a board only. */
void EndSimulation(uint32_t status) {
  *reinterpret_cast<volatile uint32_t *>(SOC_FINISH_ADDR) = status;
}

[[noreturn]] void Halt() {
  for (;;) {
  }
}

}  // namespace

/* The value that main returned, which the host reads. */
extern "C" volatile int32_t application_returned;
volatile int32_t application_returned;

extern "C" [[noreturn]] void firmware_main() {
  StartFlash();
  application_start();
}

uint8_t Read() { return device::Get(); }
void Write(const char *text) { print(text); }

void End(int status) {
  application_returned = status;
  EndSimulation(MAILBOX_DONE);
  MicroPrintf("main returned %d", status);
  Halt();
}

/* Called by crt0.S with mcause, mepc and mtval. */
extern "C" [[noreturn]] void trap(uint32_t cause, uint32_t pc, uint32_t value) {
  mailbox.trap_cause = cause;
  mailbox.trap_pc = pc;
  mailbox.trap_value = value;
  mailbox.status = MAILBOX_TRAP;
  EndSimulation(MAILBOX_TRAP);
  MicroPrintf("trap: mcause %u at pc %08x, mtval %08x", unsigned(cause), unsigned(pc),
              unsigned(value));
  Halt();
}
