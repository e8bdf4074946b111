import Autodiff
import Matrices
import Vocabulary

extension Derivatives {
  /// Functions of elements.
  static var elements: [String: Derivative] {
    var table: [String: Derivative] = [
      "pow": .rule(["x", "y"]) { _ in .combination(.power) },
      "mod": .rule(["x", "y"]) { _ in .combination(.remainder) },
      "softmax": .rule(["x"]) { call in
        .softmax(call.axis ?? (call.shape("x").columns == 1 ? .rows : .columns))
      },
      "logsumexp": .rule(["x"]) { call in .logSumExp(call.axis) },
      "clamp": .rule(["x"]) { call in
        .clamp(number(call, "low") ?? -.infinity, number(call, "high") ?? .infinity)
      },
      "where": .rule(["x", "y"]) { call in
        .choice(call.plain("condition").flatMap { Quantity($0) } ?? .number(1))
      },
      "float32": .rule(["x"]) { _ in .conversion },
      "float64": .rule(["x"]) { _ in .conversion },
    ]
    for function in [
      ElementwiseFunction.exp, .expm1, .log, .log1p, .sqrt, .abs, .sin, .cos, .tan, .asin, .acos,
      .atan, .sinh, .cosh, .tanh, .erf, .sigmoid, .softplus, .relu,
    ] {
      table[function.rawValue] = .rule(["x"]) { _ in .map(function) }
    }
    return table
  }

  static func number(_ call: TracedCall, _ name: String) -> Double? {
    call.plain(name).flatMap { Double.from($0) }
  }
}
