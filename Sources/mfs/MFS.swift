import ArgumentParser
import Glibc
import LiveView
import Shell

/// The process: reads the command line, and ends with the code of what happened.
@main
enum MFS {
  /// Wrong usage.
  private static let usage: Int32 = 2

  static func main() {
    Processor.check()
    if let tool = Tools.named(CommandLine.arguments.dropFirst().first) {
      leave(finish(tool.run(Array(CommandLine.arguments.dropFirst(2)))))
    }
    let options: Options
    do {
      options = try MFSCommand.parse().options
    } catch {
      leave(finish(answer(MFSCommand.fullMessage(for: error), MFSCommand.exitCode(for: error))))
    }
    if options.version {
      StandardOutput.shared.write("mfs \(Version.current)\n")
      leave(finish(0))
    }
    let program = Program(options)
    // What the session holds ends with the process: freeing millions of values takes a while.
    withExtendedLifetime(program) { leave(finish(program.run())) }
  }

  /// Says what the command line was answered with: help, or what is wrong with it.
  static func answer(_ message: String, _ code: ExitCode) -> Int32 {
    guard code == .success else {
      writeError(message + "\n")
      return usage
    }
    StandardOutput.shared.write(message + "\n")
    return 0
  }

  /// Writes what is left of the output. A full disk turns success into failure; a reader who went
  /// away early is no failure.
  private static func finish(_ code: Int32) -> Int32 {
    StandardOutput.shared.flush()
    if let failure = StandardOutput.shared.failure {
      guard failure != EPIPE else { return 0 }
      writeError("mfs: cannot write to standard output: \(String(cString: strerror(failure)))\n")
      return 1
    }
    if code == Program.interrupted { Signals.dieOfInterrupt() }
    return code
  }
}
