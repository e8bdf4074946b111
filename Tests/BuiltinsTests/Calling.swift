import Builtins
import Foundation
import Matrices
import Synchronization
import Testing
import Vocabulary

/// Calls builtins as a program does, and keeps what they write.
final class Caller: Sendable {
  private let written = Mutex("")
  let context: Context

  init(width: Int = 80, height: Int = 24, arguments: [String] = [], directory: String = ".") {
    context = Context(
      output: { _ in }, width: width, height: height, directory: directory, arguments: arguments)
    context.output = { [weak self] text in self?.written.withLock { $0 += text } }
  }

  /// What has been written so far.
  var output: String { written.withLock { $0 } }

  @discardableResult
  func call(_ name: String, _ positional: Value..., named: KeyValuePairs<String, Value> = [:])
    throws -> Value
  {
    let builtin = try #require(StandardLibrary.library[name], "there is no builtin '\(name)'")
    return try builtin.call(
      Arguments(positional, named: named.map { (name: $0, value: $1) }), context)
  }

  /// The problem that a call reports.
  func problem(_ name: String, _ positional: Value..., named: KeyValuePairs<String, Value> = [:])
    -> Problem?
  {
    guard let builtin = StandardLibrary.library[name] else { return nil }
    return #expect(throws: Problem.self) {
      try builtin.call(
        Arguments(positional, named: named.map { (name: $0, value: $1) }), context)
    }
  }
}

/// A function of Swift as a value.
final class SwiftFunction: Callable {
  let signature: Signature
  private let body: @Sendable ([Value]) -> Value

  init(_ parameters: [String], _ body: @escaping @Sendable ([Value]) -> Value) {
    signature = Signature("f", parameters.map { ParameterInfo($0) })
    self.body = body
  }

  func call(_ arguments: Arguments, _ context: Context) throws -> Value {
    body(try signature.bind(arguments).compactMap { $0 })
  }

  static func number(_ body: @escaping @Sendable (Double) -> Value) -> Value {
    .function(SwiftFunction(["x"]) { body(Double.from($0[0]) ?? .nan) })
  }
}

/// A folder of its own for one test, removed at its end.
struct TemporaryFolder: ~Copyable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "mfs-builtins-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and returns its path.
  @discardableResult
  func file(_ name: String, _ text: String) throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    return "\(path)/\(name)"
  }
}
