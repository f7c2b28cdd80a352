/* The line: LiteX's UART, or USB behind the same registers. */
#include "serial.h"

#include "platform.h"
#include "port.h"
#include "soc.h"

namespace {

constexpr uint32_t kReceived = 2; /* bit of uart_ev_pending; writing it removes the byte */

volatile uint32_t &reg(uint32_t address) { return *reinterpret_cast<volatile uint32_t *>(address); }

}  // namespace

/* A separate function: while the program is in it, it is idle. */
extern "C" __attribute__((noinline)) void device_wait() {
  while (reg(SOC_UART_RXEMPTY_ADDR)) {
  }
}

namespace device {

uint8_t Get() {
  device_wait();
  const uint8_t byte = uint8_t(reg(SOC_UART_RXTX_ADDR));
  reg(SOC_UART_EV_PENDING_ADDR) = kReceived;
  return byte;
}

void Send(char character) {
  const char text[2] = {character};
  print(text);
}

}  // namespace device
