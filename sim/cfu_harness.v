// The CFU that cfu_harness.cpp drives. Registers hold what passed at the last edge, so that one
// evaluation is enough for each half of the clock.
module CfuHost(
    input clk,
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
    output reg [31:0] answer
);
  wire cmd_ready;

  Cfu cfu(
      .clk(clk),
      .reset(reset),
      .cmd_valid(cmd_valid),
      .cmd_ready(cmd_ready),
      .cmd_payload_function_id(cmd_payload_function_id),
      .cmd_payload_inputs_0(cmd_payload_inputs_0),
      .cmd_payload_inputs_1(cmd_payload_inputs_1),
      .rsp_valid(rsp_valid),
      .rsp_ready(rsp_ready),
      .rsp_payload_outputs_0(rsp_payload_outputs_0)
  );

  always @(posedge clk) begin
    taken <= cmd_valid & cmd_ready;
    answered <= rsp_valid & rsp_ready;
    answer <= rsp_payload_outputs_0;
  end
endmodule
