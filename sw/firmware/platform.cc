#include "platform.h"

#include "soc.h"

namespace {

volatile uint32_t &reg(uint32_t address) { return *reinterpret_cast<volatile uint32_t *>(address); }

void put(char character) {
  while (reg(SOC_UART_TXFULL_ADDR)) {
  }
  reg(SOC_UART_RXTX_ADDR) = uint8_t(character);
}

}  // namespace

uint64_t mcycle() {
  uint32_t high, low, again;
  do {
    asm volatile("csrr %0, mcycleh\n csrr %1, mcycle\n csrr %2, mcycleh"
                 : "=r"(high), "=r"(low), "=r"(again));
  } while (high != again);
  return uint64_t(high) << 32 | low;
}

void print(const char *text) {
  while (*text) put(*text++);
}

void print_line(const char *line) {
  print(line);
  put('\n');
}

void finish(uint32_t status) {
  reg(SOC_FINISH_ADDR) = status;
  for (;;) {
  }
}

/* C++ calls it if a pure virtual function is called; none ever is. */
extern "C" void __cxa_pure_virtual() { __builtin_trap(); }
