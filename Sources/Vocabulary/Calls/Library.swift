/// All builtins by name: what the language resolves names against, and what completion and help
/// list.
package struct Library: Sendable {
  package let all: [Builtin]
  /// Names that stand for values: `pi`, `inf`, `nan`.
  package let constants: [String: Value]
  private let byName: [String: Builtin]

  /// A library of the given builtins, whose names must differ.
  package init(_ builtins: [Builtin], constants: [String: Value] = [:]) {
    all = builtins
    self.constants = constants
    byName = Dictionary(builtins.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  package subscript(name: String) -> Builtin? { byName[name] }

  package var names: [String] { all.map(\.name) }
}
