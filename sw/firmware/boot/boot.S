/* Runs from flash after reset: fills the memory, and jumps there.
 *
 * sw/boot.py writes a table after this code: the address in memory where the copying code may run, then
 * source, destination and end of each run of words to copy. An empty run ends the table; its destination is
 * where the program starts. */
.section .text.start, "ax", @progbits
.global _start
_start:
  la a0, _table
  lw a1, 0(a0)
  addi a0, a0, 4
  la a2, copy
  la a3, _table
  mv a4, a1
1:
  lw a5, 0(a2)
  addi a2, a2, 4
  sw a5, 0(a4)
  addi a4, a4, 4
  bltu a2, a3, 1b
  jr a1

copy:
  lw a2, 0(a0)
  lw a3, 4(a0)
  lw a4, 8(a0)
  addi a0, a0, 12
  beq a3, a4, 3f
2:
  lw a5, 0(a2)
  addi a2, a2, 4
  sw a5, 0(a3)
  addi a3, a3, 4
  bltu a3, a4, 2b
  j copy
3:
  jr a3
