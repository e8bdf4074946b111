import Factorization
import Matrices
import Networks
import Vocabulary

/// Everything a user can call, in the order of the manual. A new family is one line here.
package enum StandardLibrary {
  /// The library of every session.
  package static let library = Library(builtins, constants: constants)

  private static let builtins: [Builtin] = SparseCalls.attached(
    to: Derivatives.attached(
      to: [
        making, rearranging, sparse, asking, reducing, comparing, mapping, convolving, decomposing,
        FactorizationLibrary.builtins, NetworksLibrary.builtins, gradients, models,
        files, keeping, streams, privacy, printing, pictures, [spy], texts, [wordCounts],
        sequences, times,
      ].flatMap { $0 }))

  /// Names that stand for numbers; displays write `Inf` and `NaN`, so these can be typed too.
  private static let constants: [String: Value] = [
    "pi": .number(.pi), "inf": .number(.infinity), "Inf": .number(.infinity),
    "nan": .number(.nan), "NaN": .number(.nan),
  ]
}
