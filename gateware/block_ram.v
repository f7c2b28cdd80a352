// Block RAM of Xilinx's 7 series, to simulate: RAMB18E1 and RAMB36E1 as UG473 describes them, both ports with one
// clock. What hardware leaves open is given as its complement, so that nothing can depend on it: a read of what the
// other port writes in the same cycle, unless that port is READ_FIRST. There is no error correction.

// BITS: of the address of a bit. Each of the words is a byte and its parity. A bus has 8 lanes of a byte.
module ForgeBlockRam #(
    parameter BITS = 14,
    parameter [2**BITS-1:0] DATA = 0,
    parameter [2**BITS/8-1:0] PARITY = 0,
    parameter integer READ_A = 0, READ_B = 0, WRITE_A = 0, WRITE_B = 0,  // widths, 0 for none
    parameter MODE_A = "WRITE_FIRST", MODE_B = "WRITE_FIRST",
    parameter integer REGISTER_A = 0, REGISTER_B = 0,
    parameter [71:0] INIT_A = 0, INIT_B = 0, RESET_A = 0, RESET_B = 0   // parity, then data; 9 bits are a number
) (
    input clk_a, clk_b,
    input [1:0] enable, reset, register_enable, register_reset,         // of ports B, A
    input [2*BITS-1:0] addresses,
    input [15:0] strobes,
    input [143:0] given,                                                // parity, then data
    output [143:0] taken
);
  localparam BYTES = 2**BITS / 8;
  reg [8:0] words [0:BYTES-1];
  integer n;
  initial for (n = 0; n < BYTES; n = n + 1) words[n] = {PARITY[n], DATA[8*n+:8]};

  genvar p;
  generate for (p = 0; p < 2; p = p + 1) begin : side
    localparam READ = p ? READ_B : READ_A, WRITE = p ? WRITE_B : WRITE_A;
    localparam OTHER = p ? WRITE_A : WRITE_B, REGISTER = p ? REGISTER_B : REGISTER_A;
    localparam READS = READ < 9 ? 1 : READ / 9, WRITES = WRITE < 9 ? 1 : WRITE / 9;
    localparam OTHERS = OTHER < 9 ? 1 : OTHER / 9;
    localparam [71:0] INITIAL = p ? INIT_B : INIT_A, CLEARED = p ? RESET_B : RESET_A;
    localparam [71:0] INIT = READ == 9 ? {7'b0, INITIAL[8], 56'b0, INITIAL[7:0]} : INITIAL;
    localparam [71:0] RESET = READ == 9 ? {7'b0, CLEARED[8], 56'b0, CLEARED[7:0]} : CLEARED;
    localparam FIRST = (p ? MODE_B == "WRITE_FIRST" : MODE_A == "WRITE_FIRST");
    localparam KEEP = (p ? MODE_B == "NO_CHANGE" : MODE_A == "NO_CHANGE");
    localparam OPEN = (p ? MODE_A != "READ_FIRST" : MODE_B != "READ_FIRST");

    wire clk = p ? clk_b : clk_a;
    wire [BITS-1:0] address = addresses[BITS*p+:BITS], other = addresses[BITS*(1-p)+:BITS];
    wire [7:0] strobe = WRITE ? strobes[8*p+:8] : 8'b0, others = OTHER ? strobes[8*(1-p)+:8] : 8'b0;
    wire [7:0] parity = given[72*p+64+:8];
    wire [63:0] data = given[72*p+:64];
    wire writes = enable[p] & |strobe[WRITES-1:0];
    reg [71:0] latch = INIT, register = INIT;
    reg [BITS-4:0] place;
    reg [8:0] word;
    integer i;

    // The bits of a word, of which a narrow port reads or writes some.
    function [8:0] chosen(input integer width, input [2:0] first);
      chosen = width >= 9 ? 9'h1ff : ((9'd1 << width) - 9'd1) << (first & ~(width - 1));
    endfunction

    // Word `lane` of port p's data, at the bits that it writes.
    function [8:0] wanted(input integer lane);
      wanted = WRITE >= 9 ? {parity[lane], data[8*lane+:8]} : {1'b0, data[7:0]} << (address[2:0] & ~(WRITE - 1));
    endfunction

    always @(posedge clk) begin
      if (enable[p] && !(writes && KEEP) && READ != 0) begin
        latch <= 0;
        for (i = 0; i < READS; i = i + 1) begin
          place = (address[BITS-1:3] & ~(READS - 1)) + i;
          word = words[place];
          if (writes && FIRST && place / WRITES == address[BITS-1:3] / WRITES && strobe[place % WRITES])
            word = (word & ~chosen(WRITE, address[2:0])) | (wanted(place % WRITES) & chosen(WRITE, address[2:0]));
          if (OPEN && enable[1-p] && place / OTHERS == other[BITS-1:3] / OTHERS && others[place % OTHERS])
            word = word ^ chosen(OTHER, other[2:0]);
          if (READ < 9) word = (word & chosen(READ, address[2:0])) >> (address[2:0] & ~(READ - 1));
          latch[8*i+:8] <= word[7:0];
          if (READ >= 9) latch[64+i] <= word[8];
        end
      end
      if (enable[p] & reset[p]) latch <= RESET;
      if (register_enable[p]) register <= register_reset[p] ? RESET : latch;
    end
    if (WRITE < 9) begin
      localparam SOME = WRITE ? WRITE : 1;
      always @(posedge clk)
        if (enable[p] & strobe[0]) words[address[BITS-1:3]][address[2:0] & ~(SOME - 1)+:SOME] <= data[SOME-1:0];
    end else begin
      always @(posedge clk)
        for (i = 0; i < WRITES; i = i + 1)
          if (enable[p] & strobe[i]) words[(address[BITS-1:3] & ~(WRITES - 1)) + i] <= wanted(i);
    end
    assign taken[72*p+:72] = REGISTER ? register : latch;
  end endgenerate
endmodule

module RAMB18E1 #(
    `FORGE_RAMB18_PARAMETERS,
    parameter integer DOA_REG = 0, DOB_REG = 0,
    parameter [17:0] INIT_A = 0, INIT_B = 0, SRVAL_A = 0, SRVAL_B = 0,
    parameter INIT_FILE = "NONE", RAM_MODE = "TDP",
    parameter integer READ_WIDTH_A = 0, READ_WIDTH_B = 0, WRITE_WIDTH_A = 0, WRITE_WIDTH_B = 0,
    parameter WRITE_MODE_A = "WRITE_FIRST", WRITE_MODE_B = "WRITE_FIRST",
    parameter IS_CLKARDCLK_INVERTED = 0, IS_CLKBWRCLK_INVERTED = 0, IS_ENARDEN_INVERTED = 0, IS_ENBWREN_INVERTED = 0,
    parameter IS_RSTRAMARSTRAM_INVERTED = 0, IS_RSTRAMB_INVERTED = 0,
    parameter IS_RSTREGARSTREG_INVERTED = 0, IS_RSTREGB_INVERTED = 0,
    `FORGE_RAMB_IGNORED
) (
    input CLKARDCLK, CLKBWRCLK, ENARDEN, ENBWREN, REGCEAREGCE, REGCEB, RSTRAMARSTRAM, RSTRAMB, RSTREGARSTREG, RSTREGB,
    input [13:0] ADDRARDADDR, ADDRBWRADDR,
    input [15:0] DIADI, DIBDI,
    input [1:0] DIPADIP, DIPBDIP, WEA,
    input [3:0] WEBWE,
    output [15:0] DOADO, DOBDO,
    output [1:0] DOPADOP, DOPBDOP
);
  localparam WIDE_READ = READ_WIDTH_A == 36, WIDE_WRITE = WRITE_WIDTH_B == 36;
  wire [143:0] taken;
  ForgeBlockRam #(
      .BITS(14), .DATA(`FORGE_RAMB18_DATA), .PARITY(`FORGE_RAMB18_PARITY),
      .READ_A(READ_WIDTH_A), .READ_B(READ_WIDTH_B), .WRITE_A(WRITE_WIDTH_A), .WRITE_B(WRITE_WIDTH_B),
      .MODE_A(WRITE_MODE_A), .MODE_B(WRITE_MODE_B), .REGISTER_A(DOA_REG), .REGISTER_B(DOB_REG),
      .INIT_A({4'b0, INIT_B[17:16], INIT_A[17:16], 32'b0, INIT_B[15:0], INIT_A[15:0]}),
      .INIT_B({6'b0, INIT_B[17:16], 48'b0, INIT_B[15:0]}),
      .RESET_A({4'b0, SRVAL_B[17:16], SRVAL_A[17:16], 32'b0, SRVAL_B[15:0], SRVAL_A[15:0]}),
      .RESET_B({6'b0, SRVAL_B[17:16], 48'b0, SRVAL_B[15:0]})
  ) ram (
      .clk_a(CLKARDCLK ^ IS_CLKARDCLK_INVERTED[0]), .clk_b(CLKBWRCLK ^ IS_CLKBWRCLK_INVERTED[0]),
      .enable({ENBWREN ^ IS_ENBWREN_INVERTED[0], ENARDEN ^ IS_ENARDEN_INVERTED[0]}),
      .reset({RSTRAMB ^ IS_RSTRAMB_INVERTED[0], RSTRAMARSTRAM ^ IS_RSTRAMARSTRAM_INVERTED[0]}),
      .register_enable({REGCEB, REGCEAREGCE}),
      .register_reset({RSTREGB ^ IS_RSTREGB_INVERTED[0], RSTREGARSTREG ^ IS_RSTREGARSTREG_INVERTED[0]}),
      .addresses({ADDRBWRADDR, ADDRARDADDR}),
      .strobes({4'b0, WEBWE, 6'b0, WEA}),
      .given({WIDE_WRITE ? {4'b0, DIPBDIP, DIPADIP, 32'b0, DIBDI, DIADI} : {6'b0, DIPBDIP, 48'b0, DIBDI},
              6'b0, DIPADIP, 48'b0, DIADI}),
      .taken(taken)
  );
  assign {DOPADOP, DOADO} = {taken[65:64], taken[15:0]};
  assign {DOPBDOP, DOBDO} = WIDE_READ ? {taken[67:66], taken[31:16]} : {taken[137:136], taken[87:72]};
endmodule

module RAMB36E1 #(
    `FORGE_RAMB36_PARAMETERS,
    parameter integer DOA_REG = 0, DOB_REG = 0,
    parameter [35:0] INIT_A = 0, INIT_B = 0, SRVAL_A = 0, SRVAL_B = 0,
    parameter INIT_FILE = "NONE", RAM_MODE = "TDP", RAM_EXTENSION_A = "NONE", RAM_EXTENSION_B = "NONE",
    parameter integer READ_WIDTH_A = 0, READ_WIDTH_B = 0, WRITE_WIDTH_A = 0, WRITE_WIDTH_B = 0,
    parameter WRITE_MODE_A = "WRITE_FIRST", WRITE_MODE_B = "WRITE_FIRST",
    parameter IS_CLKARDCLK_INVERTED = 0, IS_CLKBWRCLK_INVERTED = 0, IS_ENARDEN_INVERTED = 0, IS_ENBWREN_INVERTED = 0,
    parameter IS_RSTRAMARSTRAM_INVERTED = 0, IS_RSTRAMB_INVERTED = 0,
    parameter IS_RSTREGARSTREG_INVERTED = 0, IS_RSTREGB_INVERTED = 0,
    parameter EN_ECC_READ = "FALSE", EN_ECC_WRITE = "FALSE",
    `FORGE_RAMB_IGNORED
) (
    input CLKARDCLK, CLKBWRCLK, ENARDEN, ENBWREN, REGCEAREGCE, REGCEB, RSTRAMARSTRAM, RSTRAMB, RSTREGARSTREG, RSTREGB,
    input CASCADEINA, CASCADEINB, INJECTDBITERR, INJECTSBITERR,
    input [15:0] ADDRARDADDR, ADDRBWRADDR,
    input [31:0] DIADI, DIBDI,
    input [3:0] DIPADIP, DIPBDIP, WEA,
    input [7:0] WEBWE,
    output CASCADEOUTA, CASCADEOUTB, SBITERR, DBITERR,
    output [31:0] DOADO, DOBDO,
    output [3:0] DOPADOP, DOPBDOP,
    output [7:0] ECCPARITY,
    output [8:0] RDADDRECC
);
  localparam WIDE_READ = READ_WIDTH_A == 72, WIDE_WRITE = WRITE_WIDTH_B == 72;
  // Two of them are one of 64 kbit: the upper one has the addresses whose highest bit is 1.
  localparam UPPER_A = RAM_EXTENSION_A == "UPPER", UPPER_B = RAM_EXTENSION_B == "UPPER";
  wire own_a = RAM_EXTENSION_A == "NONE" || ADDRARDADDR[15] == UPPER_A;
  wire own_b = RAM_EXTENSION_B == "NONE" || ADDRBWRADDR[15] == UPPER_B;
  wire clk_a = CLKARDCLK ^ IS_CLKARDCLK_INVERTED[0], clk_b = CLKBWRCLK ^ IS_CLKBWRCLK_INVERTED[0];
  wire enable_a = ENARDEN ^ IS_ENARDEN_INVERTED[0], enable_b = ENBWREN ^ IS_ENBWREN_INVERTED[0];
  wire [143:0] taken;
  ForgeBlockRam #(
      .BITS(15), .DATA(`FORGE_RAMB36_DATA), .PARITY(`FORGE_RAMB36_PARITY),
      .READ_A(READ_WIDTH_A), .READ_B(READ_WIDTH_B), .WRITE_A(WRITE_WIDTH_A), .WRITE_B(WRITE_WIDTH_B),
      .MODE_A(WRITE_MODE_A), .MODE_B(WRITE_MODE_B), .REGISTER_A(DOA_REG), .REGISTER_B(DOB_REG),
      .INIT_A({INIT_B[35:32], INIT_A[35:32], INIT_B[31:0], INIT_A[31:0]}),
      .INIT_B({4'b0, INIT_B[35:32], 32'b0, INIT_B[31:0]}),
      .RESET_A({SRVAL_B[35:32], SRVAL_A[35:32], SRVAL_B[31:0], SRVAL_A[31:0]}),
      .RESET_B({4'b0, SRVAL_B[35:32], 32'b0, SRVAL_B[31:0]})
  ) ram (
      .clk_a(clk_a), .clk_b(clk_b), .enable({enable_b, enable_a}),
      .reset({RSTRAMB ^ IS_RSTRAMB_INVERTED[0], RSTRAMARSTRAM ^ IS_RSTRAMARSTRAM_INVERTED[0]}),
      .register_enable({REGCEB, REGCEAREGCE}),
      .register_reset({RSTREGB ^ IS_RSTREGB_INVERTED[0], RSTREGARSTREG ^ IS_RSTREGARSTREG_INVERTED[0]}),
      .addresses({ADDRBWRADDR[14:0], ADDRARDADDR[14:0]}),
      .strobes({WEBWE & {8{own_b}}, 4'b0, WEA & {4{own_a}}}),
      .given({WIDE_WRITE ? {DIPBDIP, DIPADIP, DIBDI, DIADI} : {4'b0, DIPBDIP, 32'b0, DIBDI},
              4'b0, DIPADIP, 32'b0, DIADI}),
      .taken(taken)
  );
  reg upper_a, upper_b;
  always @(posedge clk_a) if (enable_a) upper_a <= ADDRARDADDR[15];
  always @(posedge clk_b) if (enable_b) upper_b <= ADDRBWRADDR[15];
  wire firsta = UPPER_A && !upper_a ? CASCADEINA : taken[0], firstb = UPPER_B && !upper_b ? CASCADEINB : taken[72];
  assign {CASCADEOUTA, CASCADEOUTB} = {firsta, firstb};
  assign {DOPADOP, DOADO} = {taken[67:64], taken[31:1], firsta};
  assign {DOPBDOP, DOBDO} = WIDE_READ ? {taken[71:68], taken[63:32]} : {taken[139:136], taken[103:73], firstb};
  assign {SBITERR, DBITERR, ECCPARITY, RDADDRECC} = 0;
endmodule
