package cfuforge

import spinal.core._
import spinal.lib._
import vexriscv._
import vexriscv.ip._
import vexriscv.plugin._

/** Writes VexRiscv.v with a CFU port and two Wishbone buses.
  *
  * The arguments are key=value pairs, all of them needed: `folder` and the fields of
  * cfuforge.soc.cpu.Options. The plugins and their settings are those of GenCoreDefault.scala in
  * pythondata-cpu-vexriscv, so that what it makes as FullCfu comes out the same here.
  */
object Generate {
  def main(arguments: Array[String]): Unit = {
    val options = arguments.map(_.split("=", 2)).map(pair => pair(0) -> pair(1)).toMap
    def number(name: String) = options(name).toInt
    def flag(name: String) = options(name).toBoolean

    // GenCoreDefault's own: synchronous reset, block RAM.
    val config = vexriscv.SpinalConfig.copy(
      targetDirectory = options("folder"), netlistFileName = "VexRiscv.v")
    config.generateVerilog {
      val always = List(
        instructions(number("instruction_cache"), options("prediction")),
        data(number("data_cache")),
        new StaticMemoryTranslatorPlugin(ioRange = _.msb),
        new DecoderSimplePlugin(catchIllegalInstruction = true),
        new RegFilePlugin(regFileReadyKind = plugin.SYNC, zeroBoot = false),
        new IntAluPlugin,
        new SrcPlugin(separatedAddSub = false, executeInsertion = true),
        if (flag("barrel_shifter")) new FullBarrelShifterPlugin else new LightShifterPlugin,
        new HazardSimplePlugin(
          bypassExecute = flag("bypass"),
          bypassMemory = flag("bypass"),
          bypassWriteBack = flag("bypass"),
          bypassWriteBackBuffer = flag("bypass")),
        // The branch is decided in Execute: a CFU must not see what is behind a taken one.
        new BranchPlugin(earlyBranch = true, catchAddressMisaligned = true),
        new CsrPlugin(registers(flag("all_csrs"))))
      val chosen = List(
        if (flag("multiply")) Some(new MulPlugin) else None,
        if (flag("divide")) Some(new DivPlugin) else None,
        if (flag("all_csrs")) Some(interrupts) else None).flatten
      // Interrupts before the CFU: both have CSR 0xBC0, and the CFU's bit is to win.
      val plugins = always ++ chosen :+ customFunctionUnit
      wishbone(new VexRiscv(VexRiscvConfig(plugins)))
    }
  }

  def instructions(bytes: Int, prediction: String): Plugin[VexRiscv] = {
    val predictor = Map("none" -> NONE, "static" -> STATIC, "dynamic" -> DYNAMIC)(prediction)
    if (bytes == 0)
      new IBusSimplePlugin(
        resetVector = null, prediction = predictor,
        cmdForkOnSecondStage = false, cmdForkPersistence = false)
    else
      new IBusCachedPlugin(
        resetVector = null, prediction = predictor,
        config = InstructionCacheConfig(
          cacheSize = bytes, bytePerLine = 32, wayCount = 1, addressWidth = 32,
          cpuDataWidth = 32, memDataWidth = 32,
          catchIllegalAccess = true, catchAccessFault = true, asyncTagMemory = false,
          twoCycleRam = false, twoCycleCache = true))
  }

  def data(bytes: Int): Plugin[VexRiscv] =
    if (bytes == 0)
      new DBusSimplePlugin(catchAddressMisaligned = true, catchAccessFault = true)
    else
      new DBusCachedPlugin(
        dBusCmdMasterPipe = true, dBusCmdSlavePipe = true, dBusRspSlavePipe = false,
        config = new DataCacheConfig(
          cacheSize = bytes, bytePerLine = 32, wayCount = 1, addressWidth = 32,
          cpuDataWidth = 32, memDataWidth = 32,
          catchAccessError = true, catchIllegal = true, catchUnaligned = true,
          earlyWaysHits = true),
        csrInfo = true)

  def interrupts = new ExternalInterruptArrayPlugin(
    machineMaskCsrId = 0xBC0, machinePendingsCsrId = 0xFC0,
    supervisorMaskCsrId = 0x9C0, supervisorPendingsCsrId = 0xDC0)

  def registers(all: Boolean): CsrPluginConfig =
    if (all) CsrPluginConfig.all(mtvecInit = null)
    else
      CsrPluginConfig.small(mtvecInit = null).copy(
        catchIllegalAccess = true, mtvecAccess = CsrAccess.READ_WRITE, mscratchGen = true,
        mcycleAccess = CsrAccess.READ_ONLY, ecallGen = true, ebreakGen = true, wfiGenAsNop = true)

  def customFunctionUnit = new CfuPlugin(
    stageCount = 1,
    allowZeroLatency = true,
    encodings = List(CfuPluginEncoding(
      instruction = M"-------------------------0001011",
      functionId = List(14 downto 12, 31 downto 25),
      input2Kind = CfuPlugin.Input2Kind.RS)),
    busParameter = CfuBusParameter(
      CFU_FUNCTION_ID_W = 10,
      CFU_INPUTS = 2, CFU_INPUT_DATA_W = 32,
      CFU_OUTPUTS = 1, CFU_OUTPUT_DATA_W = 32,
      CFU_FLOW_REQ_READY_ALWAYS = false, CFU_FLOW_RESP_READY_ALWAYS = false))

  /** Gives the CPU LiteX's buses in place of VexRiscv's own. */
  def wishbone(cpu: VexRiscv): VexRiscv = {
    cpu.rework {
      cpu.config.plugins.foreach {
        case plugin: IBusSimplePlugin =>
          plugin.iBus.setAsDirectionLess()
          master(plugin.iBus.toWishbone()).setName("iBusWishbone")
        case plugin: IBusCachedPlugin =>
          plugin.iBus.setAsDirectionLess()
          master(plugin.iBus.toWishbone()).setName("iBusWishbone")
        case plugin: DBusSimplePlugin =>
          plugin.dBus.setAsDirectionLess()
          master(plugin.dBus.toWishbone()).setName("dBusWishbone")
        case plugin: DBusCachedPlugin =>
          plugin.dBus.setAsDirectionLess()
          master(plugin.dBus.toWishbone()).setName("dBusWishbone")
        case _ =>
      }
    }
    cpu
  }
}
