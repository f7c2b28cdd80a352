/* The routines that code compiled with -msave-restore calls to save its registers: __riscv_save_N and
 * __riscv_restore_N of the RISC-V ABI, for ra and the registers s0 to s(N-1).
 *
 * ra is at the top of the frame, the others are below it, and the frame is a multiple of 16 bytes. A
 * save is called with its return address in t0; a restore is jumped to, and returns for its caller. */

.macro routine name
  .global \name
  .type \name, @function
\name:
.endm

.section .text.__riscv_save, "ax", @progbits
.balign 4
routine __riscv_save_12
  addi sp, sp, -64
  sw s11, 12(sp)
  addi t1, sp, 16 /* the next four words */
  j 8f
routine __riscv_save_11
routine __riscv_save_10
routine __riscv_save_9
routine __riscv_save_8
  addi sp, sp, -48
  mv t1, sp
8:
  sw s10, 0(t1)
  sw s9, 4(t1)
  sw s8, 8(t1)
  sw s7, 12(t1)
  addi t1, t1, 16
  j 4f
routine __riscv_save_7
routine __riscv_save_6
routine __riscv_save_5
routine __riscv_save_4
  addi sp, sp, -32
  mv t1, sp
4:
  sw s6, 0(t1)
  sw s5, 4(t1)
  sw s4, 8(t1)
  sw s3, 12(t1)
  addi t1, t1, 16
  j 0f
routine __riscv_save_3
routine __riscv_save_2
routine __riscv_save_1
routine __riscv_save_0
  addi sp, sp, -16
  mv t1, sp
0:
  sw s2, 0(t1)
  sw s1, 4(t1)
  sw s0, 8(t1)
  sw ra, 12(t1)
  jr t0

.section .text.__riscv_restore, "ax", @progbits
.balign 4
routine __riscv_restore_12
  lw s11, 12(sp)
  addi sp, sp, 16
routine __riscv_restore_11
routine __riscv_restore_10
routine __riscv_restore_9
routine __riscv_restore_8
  lw s10, 0(sp)
  lw s9, 4(sp)
  lw s8, 8(sp)
  lw s7, 12(sp)
  addi sp, sp, 16
routine __riscv_restore_7
routine __riscv_restore_6
routine __riscv_restore_5
routine __riscv_restore_4
  lw s6, 0(sp)
  lw s5, 4(sp)
  lw s4, 8(sp)
  lw s3, 12(sp)
  addi sp, sp, 16
routine __riscv_restore_3
routine __riscv_restore_2
routine __riscv_restore_1
routine __riscv_restore_0
  lw s2, 0(sp)
  lw s1, 4(sp)
  lw s0, 8(sp)
  lw ra, 12(sp)
  addi sp, sp, 16
  ret
