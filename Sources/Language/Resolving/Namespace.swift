import Glibc
import Matrices
import Vocabulary

/// The variables of a program: those of the session, or those of an imported file.
final class Namespace: @unchecked Sendable {
  private(set) var variables: [String: Variable] = [:]
  private(set) var order: [String] = []

  subscript(name: String) -> Variable? { variables[name] }

  /// The variable of this name, made if need be.
  func declare(_ name: String) -> Variable {
    if let variable = variables[name] { return variable }
    let variable = Variable(name)
    variables[name] = variable
    order.append(name)
    return variable
  }

  /// What a failed input has to give back.
  struct Snapshot {
    fileprivate var slots: [(variable: Variable, slot: Slot)]
  }

  var snapshot: Snapshot {
    Snapshot(
      slots: order.compactMap { name in variables[name].map { ($0, $0.slot.pointee) } })
  }

  func restore(_ snapshot: Snapshot) {
    clear()
    for (variable, slot) in snapshot.slots {
      variable.slot.pointee = slot
      variables[variable.name] = variable
      order.append(variable.name)
    }
  }

  /// Forgets all values, so that functions and the variables that hold them let go of each other.
  func clear() {
    for variable in variables.values { variable.slot.pointee = .empty }
    variables = [:]
    order = []
  }
}

/// An imported file: its variables are its fields.
final class Module: Object, @unchecked Sendable {
  let name: String
  let namespace = Namespace()
  var program: Node?
  private var hasRun = false

  init(_ name: String) { self.name = name }

  var kind: String { "module" }

  var fieldNames: [String] {
    namespace.order.filter { namespace[$0]?.slot.pointee.value != nil }
  }

  func field(_ name: String) -> Value? { namespace[name]?.slot.pointee.value }

  func summary(width: Int) -> String {
    let names = fieldNames.joined(separator: ", ")
    return "module \(name): \(names)".truncated(toWidth: width)
  }

  /// Runs the file, once.
  func run(_ machine: Machine) throws {
    guard !hasRun, let program else { return }
    hasRun = true
    do {
      _ = try machine.withFrame { try program.evaluate($0) }
    } catch {
      hasRun = false
      throw error
    }
  }
}

/// Reads program files.
enum SourceFile {
  /// The path of a file that a source mentions: beside the source, or else in a folder of
  /// `MFS_PATH`. Where there is none, the place beside the source.
  static func path(_ text: String, from source: SourceText, _ context: Context) -> String {
    if text.hasPrefix("/") { return text }
    let beside = source.directory.map { "\($0)/\(text)" } ?? context.path(text)
    if access(beside, F_OK) == 0 { return beside }
    return searchPath.map { "\($0)/\(text)" }.first { access($0, F_OK) == 0 } ?? beside
  }

  /// The folders of `MFS_PATH`, which colons part.
  static var searchPath: [String] {
    guard let folders = getenv("MFS_PATH") else { return [] }
    return String(cString: folders).split(separator: ":").map(String.init)
  }

  /// The one name of a file, so that the same file is imported once and cycles are seen.
  static func canonical(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// More than anybody writes; a device may never end.
  private static let largest = 16 << 20

  /// The text of a file, or why it cannot be read. A stop ends the wait for a pipe.
  static func read(_ path: String) -> (text: String?, reason: String) {
    var bytes: [UInt8] = []
    do {
      let descriptor = try Waiting.open(path)
      defer { close(descriptor) }
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        let count = try buffer.withUnsafeMutableBytes { try Waiting.read(descriptor, into: $0) }
        if count == 0 { break }
        bytes += buffer[..<count]
        if bytes.count > largest { return (nil, "a program can have \(largest >> 20) MB") }
      }
    } catch let error as FileError {
      return (nil, error.reason)
    } catch {
      return (nil, "the wait for it was ended")
    }
    return (String(decoding: bytes, as: UTF8.self), "")
  }
}

extension FileError {
  /// Why the system refuses a program file.
  fileprivate var reason: String {
    switch self {
    case .missing: String(cString: strerror(ENOENT))
    case .isDirectory: String(cString: strerror(EISDIR))
    case .noPermission: String(cString: strerror(EACCES))
    case .system(let code): String(cString: strerror(code))
    default: "\(self)"
    }
  }
}
