// The CFU that cfu_harness.cpp drives. Registers hold what passed at the last edge, so that one
// evaluation is enough for each half of the clock. The inputs go through registers too, as Verilator
// computes everything behind an input in every evaluation: commands are loaded when `load` changes,
// the memory port's inputs at an edge. FORGE_PORT is the port's width in bytes, if there is one.
module CfuHost(
    input clk,
    input load,
    input reset,
    input cmd_valid,
    input [9:0] cmd_payload_function_id,
    input [31:0] cmd_payload_inputs_0,
    input [31:0] cmd_payload_inputs_1,
    input rsp_ready,
    output rsp_valid,
    output [31:0] rsp_payload_outputs_0,
    output reg taken,        // a command passed at the last edge
    output reg answered,     // this answer passed at the last edge
`ifdef FORGE_PORT
    input memory_request_ready,
    input memory_response_valid,
    input [8*`FORGE_PORT-1:0] memory_response_data,
    output reg requested,    // this request passed at the last edge
    output reg [31:0] request_address,
    output reg request_write,
    output reg [`FORGE_PORT-1:0] request_strobe,
    output reg [8*`FORGE_PORT-1:0] request_data,
`endif
    output reg [31:0] answer
);
  reg given_reset, given_valid, given_ready;
  reg [9:0] given_function_id;
  reg [31:0] given_inputs_0, given_inputs_1;

  always @(posedge load or negedge load) begin
    given_reset <= reset;
    given_valid <= cmd_valid;
    given_function_id <= cmd_payload_function_id;
    given_inputs_0 <= cmd_payload_inputs_0;
    given_inputs_1 <= cmd_payload_inputs_1;
    given_ready <= rsp_ready;
  end

  wire cmd_ready;
`ifdef FORGE_PORT
  reg request_ready, response_valid;
  reg [8*`FORGE_PORT-1:0] response_data;
  wire memory_request_valid, memory_request_write;
  wire [31:0] memory_request_address;
  wire [`FORGE_PORT-1:0] memory_request_strobe;
  wire [8*`FORGE_PORT-1:0] memory_request_data;
`endif

  Cfu cfu(
`ifdef FORGE_PORT
      .memory_request_valid(memory_request_valid),
      .memory_request_ready(request_ready),
      .memory_request_address(memory_request_address),
      .memory_request_write(memory_request_write),
      .memory_request_strobe(memory_request_strobe),
      .memory_request_data(memory_request_data),
      .memory_response_valid(response_valid),
      .memory_response_data(response_data),
`endif
      .clk(clk),
      .reset(given_reset),
      .cmd_valid(given_valid),
      .cmd_ready(cmd_ready),
      .cmd_payload_function_id(given_function_id),
      .cmd_payload_inputs_0(given_inputs_0),
      .cmd_payload_inputs_1(given_inputs_1),
      .rsp_valid(rsp_valid),
      .rsp_ready(given_ready),
      .rsp_payload_outputs_0(rsp_payload_outputs_0)
  );

  always @(posedge clk) begin
    taken <= given_valid & cmd_ready;
    answered <= rsp_valid & given_ready;
    answer <= rsp_payload_outputs_0;
`ifdef FORGE_PORT
    request_ready <= memory_request_ready;
    response_valid <= memory_response_valid;
    response_data <= memory_response_data;
    requested <= memory_request_valid & request_ready;
    request_address <= memory_request_address;
    request_write <= memory_request_write;
    request_strobe <= memory_request_strobe;
    request_data <= memory_request_data;
`endif
  end
endmodule
