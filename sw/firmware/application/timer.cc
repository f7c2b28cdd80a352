/* LiteX's timer and its interrupt, on CPUs that have interrupts. */
#include "board.h"

#ifdef SOC_TIMER_LOAD_ADDR
namespace {

constexpr uint32_t kExternal = 1u << 11; /* of mie */
constexpr uint32_t kEnable = 1u << 3;    /* of mstatus */

void (*handler)(void);
bool is_handling;

volatile uint32_t &reg(uint32_t address) { return *reinterpret_cast<volatile uint32_t *>(address); }

}  // namespace

extern "C" {

__attribute__((interrupt("machine"), used)) void timer_interrupt() {
  reg(SOC_TIMER_EV_PENDING_ADDR) = 1;
  is_handling = true;
  if (handler) handler();
  is_handling = false;
}

/* A trap that is no interrupt is crt0.S's, which needs no register and no stack. */
asm(".section .text.timer_entry, \"ax\", @progbits\n"
    ".balign 4\n"
    "timer_entry:\n"
    "  csrw mscratch, t0\n"
    "  csrr t0, mcause\n"
    "  bltz t0, 1f\n"
    "  j trap_entry\n"
    "1:\n"
    "  csrr t0, mscratch\n"
    "  j timer_interrupt\n"
    ".text\n");

void board_timer(void (*called)(void), uint32_t cycles) {
  asm volatile("csrc mstatus, %0" ::"r"(kEnable) : "memory");
  reg(SOC_TIMER_EN_ADDR) = 0;
  reg(SOC_TIMER_EV_PENDING_ADDR) = 1;
  handler = called;
  if (!called) return;
  reg(SOC_TIMER_LOAD_ADDR) = cycles;
  reg(SOC_TIMER_RELOAD_ADDR) = cycles - 1;
  reg(SOC_TIMER_EV_ENABLE_ADDR) = 1;
  reg(SOC_TIMER_EN_ADDR) = 1;
  asm volatile(
      "la t0, timer_entry\n csrw mtvec, t0\n" /* then the mask of VexRiscv: 0xBC0 */
      "csrs 0xBC0, %0\n csrs mie, %1\n csrs mstatus, %2" ::"r"(1u << SOC_TIMER_INTERRUPT),
      "r"(kExternal), "r"(is_handling ? 0 : kEnable) /* a handler's return sets it */
      : "t0", "memory");
}
}
#endif
