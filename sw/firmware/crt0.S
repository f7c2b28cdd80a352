/* From reset to firmware_main: sets up registers, CFU, memory. _start is the reset address. */

#define CSR_CFU 0xBC0 /* VexRiscv: bit 31 lets CFU instructions through, 0 after reset */

.section .text.start, "ax", @progbits
.global _start
.type _start, @function
_start:
  .option push
  .option norelax
  la gp, __global_pointer$
  .option pop
  la sp, _stack_top

  /* A CPU without a CFU port has no such register and traps; execution then continues after it. */
  la t0, 1f
  csrw mtvec, t0
  li t1, 0x80000000
  csrs CSR_CFU, t1
  .balign 4
1:
  la t0, trap_entry
  csrw mtvec, t0

  la t0, _bss_start
  la t1, _bss_end
2:
  bgeu t0, t1, 3f
  sw zero, 0(t0)
  addi t0, t0, 4
  j 2b
3:
  j firmware_main
.size _start, . - _start

/* Traps end the program: nothing is saved, and even the stack pointer may be broken. */
.section .text.start, "ax", @progbits
.balign 4
.global trap_entry
.type trap_entry, @function
trap_entry:
  csrr a0, mcause
  csrr a1, mepc
  csrr a2, mtval
  la sp, _trap_stack_top
  j trap
.size trap_entry, . - trap_entry
