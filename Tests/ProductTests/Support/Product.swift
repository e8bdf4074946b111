import Foundation
import Testing

/// The built program, run as a user runs it.
enum Product {
  /// The folder of the package.
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The program beside the tests: nothing is built here.
  static let binary: String = {
    let places = [CommandLine.arguments[0], ProcessInfo.processInfo.arguments[0]]
      .map { URL(filePath: $0).deletingLastPathComponent() }
    let builds = ["release", "debug"].map { root.appending(path: ".build/\($0)") }
    let found = (places + builds).map { $0.appending(path: "mfs").path }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    return found ?? "mfs"
  }()

  /// What a run left behind.
  struct Outcome {
    /// The exit code; for a signal 128 and its number, as shells say it.
    var status: Int32
    var output: String
    var errors: String
  }

  /// Runs the program with these arguments.
  static func run(
    _ arguments: String..., input: String = "", environment: [String: String] = [:],
    directory: URL? = nil
  ) throws -> Outcome {
    try launch(
      binary, arguments, input: input, environment: environment, directory: directory)
  }

  /// Runs a line in a shell in which `mfs` is the program.
  static func shell(
    _ line: String, input: String = "", environment: [String: String] = [:],
    directory: URL? = nil
  ) throws -> Outcome {
    try launch(
      "/bin/bash", ["-c", line], input: input, environment: environment, directory: directory)
  }

  private static func launch(
    _ path: String, _ arguments: [String], input: String, environment: [String: String],
    directory: URL?
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.currentDirectoryURL = directory ?? root
    process.environment = plainEnvironment.merging(environment) { $1 }
    let (inputPipe, outputPipe, errorPipe) = (Pipe(), Pipe(), Pipe())
    process.standardInput = inputPipe
    process.standardOutput = outputPipe
    process.standardError = errorPipe
    let output = Collector(outputPipe), errors = Collector(errorPipe)
    try process.run()
    // A program may end without reading its input.
    signal(SIGPIPE, SIG_IGN)
    try? inputPipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try? inputPipe.fileHandleForWriting.close()
    let guardian = DispatchWorkItem { process.terminate() }
    DispatchQueue.global().asyncAfter(deadline: .now() + 600, execute: guardian)
    process.waitUntilExit()
    guardian.cancel()
    let status = process.terminationStatus
    return Outcome(
      status: process.terminationReason == .uncaughtSignal ? 128 + status : status,
      output: output.text, errors: errors.text)
  }

  /// An environment that is the same on every machine: no colours asked for, no terminal named.
  static var plainEnvironment: [String: String] {
    let folder = URL(filePath: binary).deletingLastPathComponent().path
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return [
      "PATH": "\(folder):\(path)", "LANG": "C.UTF-8", "HOME": scratch.path,
      // Else the runtime of Swift asks what to do about a process that a test kills.
      "SWIFT_BACKTRACE": "enable=no",
    ]
  }

  /// A folder for this run of the tests.
  static let scratch: URL = {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "mfs-tests-\(ProcessInfo.processInfo.processIdentifier)")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }()

  /// Writes a file into the scratch folder and returns its path.
  static func file(_ name: String, _ text: String) throws -> String {
    let place = scratch.appending(path: name)
    try Data(text.utf8).write(to: place)
    return place.path
  }
}

/// Reads a pipe on a thread of its own, so that nobody waits for anybody.
private final class Collector: @unchecked Sendable {
  private var data = Data()
  private let done = DispatchSemaphore(value: 0)

  init(_ pipe: Pipe) {
    let thread = Thread { [self] in
      data = (try? pipe.fileHandleForReading.readToEnd()) ?? Data()
      done.signal()
    }
    thread.start()
  }

  var text: String {
    done.wait()
    defer { done.signal() }
    return String(decoding: data, as: UTF8.self)
  }
}
