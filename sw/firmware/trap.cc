#include "platform.h"

/* Called by crt0.S with mcause, mepc and mtval. */
extern "C" [[noreturn]] void trap(uint32_t cause, uint32_t pc, uint32_t value) {
  mailbox.trap_cause = cause;
  mailbox.trap_pc = pc;
  mailbox.trap_value = value;
  mailbox.status = MAILBOX_TRAP;
  finish(MAILBOX_TRAP);
}
