import Autodiff
import Matrices
import Vocabulary

extension Derivatives {
  /// Builtins that put elements into another place.
  static var parts: [String: Derivative] {
    [
      "reshape": .rule(["x"]) { _ in .reshaping },
      "diag": .rule(["x"]) { _ in .diagonal },
      "repeat": .rule(["x"]) { call in
        .tiling(Int(number(call, "down") ?? 1), Int(number(call, "along") ?? 1))
      },
      "reverse": .composed { call in
        guard let x = call.variable("x")?.asMatrix else { return .nothing }
        var (rows, columns) = (Array(0..<x.shape.rows), Array(0..<x.shape.columns))
        if direction(call) == .rows { rows.reverse() } else { columns.reverse() }
        return Value(x.picked(rows: rows, columns: columns))
      },
      "kron": .composed { call in
        guard let a = call.variable("a"), let b = call.variable("b") else { return .nothing }
        return Value(try StandardLibrary.kronecker(a, b))
      },
      "tril": .composed { triangle($0, isLower: true) },
      "triu": .composed { triangle($0, isLower: false) },
      "hcat": .composed { call in try joined(call, "hcat", isBeside: true) },
      "vcat": .composed { call in try joined(call, "vcat", isBeside: false) },
      "conv": .composed { call in
        guard let x = call.variable("x"), let kernel = call.variable("kernel") else {
          return .nothing
        }
        let part = call.plain("part").flatMap { String.from($0) } ?? "full"
        return Value(try StandardLibrary.convolution(x, kernel, part))
      },
      "predict": .composed(NetworkDerivative.predict),
    ]
  }

  private static func triangle(_ call: TracedCall, isLower: Bool) -> Value {
    guard let x = call.variable("x") else { return .nothing }
    return Value(x.triangle(isLower: isLower, from: Int(number(call, "diagonal") ?? 0)))
  }

  /// The parts as one matrix; the builtin itself says what does not fit.
  private static func joined(_ call: TracedCall, _ name: String, isBeside: Bool) throws -> Value {
    guard case .list(var values) = call.value("parts") else { return .nothing }
    if case .list(let list)? = values.first, values.count == 1 { values = list }
    let plain = try StandardLibrary.joined(values.map(\.plain), isBeside: isBeside)
    let blocks = values.compactMap { Trace($0)?.asMatrix }.filter { $0.shape != Shape(0, 0) }
    if blocks.isEmpty { return .matrix(plain) }
    return Value(Trace.joined(isBeside ? [blocks] : blocks.map { [$0] }))
  }
}
