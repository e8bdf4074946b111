import Autodiff
import Matrices
import Vocabulary

/// The derivatives of all builtins, one line each. A builtin that is not here refuses values that a
/// gradient is taken in; whether one that is here tells the truth, `DerivativeTests` checks against
/// differences.
enum Derivatives {
  /// The builtins with their derivatives.
  static func attached(to builtins: [Builtin]) -> [Builtin] {
    let known = all
    return builtins.map { builtin in
      known[builtin.name].map {
        Builtin(builtin, derivative: $0, total: totals[builtin.name])
      } ?? builtin
    }
  }

  /// What has a code of its own in the record of small arithmetic.
  private static let totals: [String: SmallStep] = ["sum": .total, "mean": .mean]

  private static var all: [String: Derivative] {
    var all: [String: Derivative] = [:]
    for name in byValue { all[name] = .byValue }
    for name in throughParts { all[name] = .throughParts }
    for (name, help) in refused { all[name] = .refused(help: help) }
    for table in [elements, reductions, algebra, decompositions, parts] {
      all.merge(table) { first, _ in first }
    }
    return all
  }

  /// What does not change with small changes of the values.
  private static let byValue = [
    "size", "rows", "cols", "length", "nnz", "type", "names", "all", "any", "isnan", "find", "rank",
    "sign", "floor", "ceil", "round", "argmin", "argmax", "zeros", "ones", "eye", "rand", "randn",
    "randint", "print", "show", "format", "join", "summary", "plot", "scatter", "bar", "hist",
    "heatmap", "image", "images", "spy", "curve", "accuracy", "confusion",
  ]

  /// What goes through values and calls functions, without calculating.
  private static let throughParts = [
    "map", "filter", "reduce", "enumerate", "zip", "keys", "values", "list", "grad",
    "value_and_grad",
  ]

  /// What has no derivative here, and what to use instead.
  private static let refused = [
    "unique": "sort(x) has a derivative",
    "nmf": "write the factorization as W * H and descend it with train(f, params)",
    "mf": "write the factorization as W * H and descend it with train(f, params)",
    "train": "give 'train' plain values, or differentiate through one step of your own",
    "check_grad": "take the gradient with grad",
  ]
}
