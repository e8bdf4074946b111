import Builtins
import Matrices
import Synchronization
import Testing
import Vocabulary

/// Whatever a user passes to a builtin, it returns or throws; it never ends the process.
@Suite struct HostileTests {
  /// Builtins that wait, or that write where they are told to.
  static let left: Set<String> = ["write", "save"]

  static let nan = Matrix([[1, .nan], [.infinity, -2]])

  /// One of each kind of value, and the nastiest of each kind.
  static let values: [Value] = [
    .nothing, .boolean(true), .number(0), .number(1), .number(-1), .number(2.5), .number(1e308),
    .number(.nan), .number(.infinity), .number(-.infinity), .number(9e15), .number(3e9),
    .text(""), .text("é\u{0}%s\n"), .text("nowhere/at/all.csv"),
    .matrix(.zeros(0, 0)), .matrix(.zeros(0, 3)), .matrix(.zeros(3, 0)), .matrix(.ones(1, 1)),
    .matrix(nan), .matrix(.ones(2, 3)), .matrix(.identity(3)), .matrix(.ones(3, 2).transposed),
    .matrix(.ones(2, 2, .single)), .matrix(Matrix(row: [1, 0]).comparedAsTruth),
    .matrix(Matrix(row: [-1, 2.5, 1e300])), .matrix(Matrix([[0, 1], [-1, 0]])),
    .range(NumberRange(from: 1, to: 4)), .range(NumberRange(from: 1, to: 0)),
    .range(NumberRange(from: 0, to: 1e15)), .range(NumberRange(from: 0, to: 1, by: 1e-300)),
    .list([]), .list([.number(1), .text("a"), .nothing]), .list([.list([.list([])])]),
    .list([.matrix(.ones(2, 2)), .matrix(.ones(3, 1))]),
    .record(Record()), .record(Record([("a", .number(1)), ("b", .matrix(.zeros(0, 0)))])),
    .function(Failing()),
  ]

  /// A function that refuses every call.
  final class Failing: Callable {
    let signature = Signature("failing", [ParameterInfo("x", takesRest: true)])
    func call(_ arguments: Arguments, _ context: Context) throws -> Value {
      throw Problem(.value, "nothing suits this function")
    }
  }

  func attempt(_ builtin: Builtin, _ arguments: Arguments) {
    let context = Context(output: { _ in }, directory: "/nonexistent")
    _ = try? builtin.call(arguments, context)
  }

  static let builtins = StandardLibrary.library.all.filter { !left.contains($0.name) }

  @Test(arguments: builtins.map(\.name))
  func survives(_ name: String) throws {
    let builtin = try #require(StandardLibrary.library[name])
    attempt(builtin, Arguments())
    for first in Self.values {
      attempt(builtin, Arguments([first]))
      for second in Self.values { attempt(builtin, Arguments([first, second])) }
    }
    // Three arguments and more: neighbours in the list, which are of different kinds.
    let count = Self.values.count
    for place in 0..<count {
      for step in [1, 7, 16] {
        let some = (0..<5).map { Self.values[(place + $0 * step) % count] }
        for length in 3...5 { attempt(builtin, Arguments(Array(some.prefix(length)))) }
      }
    }
    // Every parameter by name, the required ones given something sensible.
    let required = builtin.signature.parameters.filter { !$0.isOptional && !$0.takesRest }
    let sensible = required.map { parameter -> Value in
      parameter.takes.contains("matrix") ? .matrix(.identity(3)) : .number(2)
    }
    for parameter in builtin.signature.parameters where parameter.isOptional {
      for value in Self.values {
        attempt(builtin, Arguments(sensible, named: [(parameter.name, value)]))
      }
    }
    attempt(builtin, Arguments(sensible, named: [("no such name", .number(1))]))
  }
}
