/* A program that the device firmware has loaded and started, and to which it returns. Ctrl-C, 3, ends it when
 * it reads or writes; what comes before that is kept until it is read. */
#include "device/program.h"
#include "device/serial.h"
#include "platform.h"
#include "soc.h"
#include "surroundings.h"

namespace {

constexpr uint8_t kBreak = 3;

device::Return *back;
uint8_t kept[256]; /* received while the program wrote, from next to end */
size_t next, end;

volatile uint32_t &reg(uint32_t address) { return *reinterpret_cast<volatile uint32_t *>(address); }

[[noreturn]] void Leave(device::Ending how, uint32_t a, uint32_t b = 0, uint32_t c = 0) {
#ifdef SOC_TIMER_LOAD_ADDR
  asm volatile("csrci mstatus, 8"); /* no more interrupts */
  reg(SOC_TIMER_EN_ADDR) = 0;
#endif
  back(how, a, b, c);
  __builtin_unreachable();
}

uint8_t Receive() {
  const uint8_t character = device::Get();
  if (character == kBreak) Leave(device::kStopped, 0);
  return character;
}

}  // namespace

/* On a stack of its own; a0 is where to return to. */
asm(".section .text.firmware_main, \"ax\", @progbits\n"
    ".globl firmware_main\n"
    "firmware_main:\n"
    "  la sp, _program_stack_top\n"
    "  j loaded_main\n"
    ".text\n");

extern "C" [[noreturn]] __attribute__((used)) void loaded_main(device::Return *where) {
  back = where;
  application_start();
}

uint8_t Read() {
  if (next < end) return kept[next++];
  return Receive();
}

void Write(const char *text) {
  if (next == end) next = end = 0;
  while (end < sizeof kept && !reg(SOC_UART_RXEMPTY_ADDR)) kept[end++] = Receive();
  print(text);
}

void End(int status) { Leave(device::kReturned, uint32_t(status)); }

/* Called by crt0.S with mcause, mepc and mtval. */
extern "C" [[noreturn]] void trap(uint32_t cause, uint32_t pc, uint32_t value) {
  Leave(device::kTrapped, cause, pc, value);
}
