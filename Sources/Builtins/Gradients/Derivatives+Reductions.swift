import Autodiff
import Matrices
import Vocabulary

extension Derivatives {
  /// Builtins that make one number of many.
  static var reductions: [String: Derivative] {
    [
      "sum": .rule(["x"]) { call in call.axis == nil ? .total : .sum },
      "mean": .rule(["x"]) { call in .mean(of: length(call)) },
      "prod": .rule(["x"]) { call in .product(along: call.axis) },
      "var": .rule(["x"]) { call in .variance(along: call.axis, count: length(call)) },
      "std": .rule(["x"]) { call in .deviation(along: call.axis, count: length(call)) },
      "min": extreme(.minimum) { $0.argMinimum(along: $1) },
      "max": extreme(.maximum) { $0.argMaximum(along: $1) },
      "cumsum": .rule(["x"]) { call in .cumulativeSum(direction(call)) },
      "diff": .composed { call in
        call.variable("x").map {
          Value(StandardLibrary.differences($0, along: direction(call)))
        } ?? .nothing
      },
      "dot": .composed { call in
        guard let x = call.variable("x"), let y = call.variable("y") else { return .nothing }
        return Value(try StandardLibrary.innerProduct(x, y).element(0, 0))
      },
      "sort": .composed(sorted),
      "median": .composed { call in try quantiles(call, [0.5], isSingle: true) },
      "quantile": .composed { call in
        guard !(call.value("share")?.isTraced ?? false) else {
          throw Problem(
            .computation, "'quantile' has no derivative in 'share'", at: "share",
            label: call.plain("share")?.label ?? "")
        }
        let share = call.plain("share") ?? .nothing
        let isSingle = if case .matrix = share { false } else { true }
        return try quantiles(call, Matrix.from(share)?.elements ?? [], isSingle: isSingle)
      },
      "cov": .composed { call in
        let covariance = relation(call)
        return single(covariance, pair: call.value("y") != nil)
      },
      "corr": .composed { call in
        let covariance = relation(call)
        let spread = diagonal(of: covariance).mapped(.sqrt)
        return single(covariance ./ (spread * spread.transposed), pair: call.value("y") != nil)
      },
    ]
  }

  /// How many elements become one.
  private static func length(_ call: TracedCall) -> Int {
    let shape = call.shape("x")
    switch call.axis {
    case nil: return shape.count
    case .rows: return shape.rows
    case .columns: return shape.columns
    }
  }

  static func direction(_ call: TracedCall) -> Axis {
    call.axis ?? (call.shape("x").rows == 1 ? .columns : .rows)
  }

  /// The smallest or largest of all, along an axis, or of two.
  private static func extreme(
    _ operation: ElementwiseOperation, _ places: @escaping @Sendable (Matrix, Axis) -> [Int]
  ) -> Derivative {
    .rule(["x", "y"]) { call in
      if let y = call.value("y"), y.shape != nil { return .combination(operation) }
      guard let x = call.variable("x")?.value.matrix else { return .total }
      switch call.axis {
      case nil:
        let place = places(x.reshaped(1, x.count), .columns)[0]
        return .picking([place / x.columns], [place % x.columns])
      case .rows:
        return .moving(
          from: places(x, .rows).enumerated().map { $0.element * x.columns + $0.offset })
      case .columns:
        return .moving(
          from: places(x, .columns).enumerated().map { $0.offset * x.columns + $0.element })
      }
    }
  }

  @Sendable private static func sorted(_ call: TracedCall) throws -> Value {
    guard let x = call.variable("x"), case .matrix(let matrix) = x.value else {
      throw Problem(
        .computation, "'sort' of a list has no derivative", at: "x",
        label: call.plain("x")?.label ?? "", help: "sort a matrix")
    }
    let axis = direction(call)
    let isDescending = call.plain("descending").flatMap { Bool.from($0) } ?? false
    let order = matrix.sortingOrder(along: axis, descending: isDescending)
    // The places that a stop leaves behind are none.
    try Interrupt.check()
    let values = Value(moved(x, by: order, along: axis))
    guard call.plain("order").flatMap({ Bool.from($0) }) ?? false else { return values }
    return .record(Record([("values", values), ("order", .matrix(order + 1))]))
  }

  /// The elements of every column or row in another order.
  private static func moved(_ x: Trace, by order: Matrix, along axis: Axis) -> Trace {
    let columns = x.shape.columns
    let places = order.elements.enumerated().map { place, from in
      axis == .rows
        ? Int(from) * columns + place % columns : place / columns * columns + Int(from)
    }
    return x.picked(positions: places).reshaped(x.shape.rows, columns)
  }

  /// Quantiles as weighted neighbours in the sorted order.
  private static func quantiles(
    _ call: TracedCall, _ parts: [Double], isSingle: Bool
  ) throws -> Value {
    guard let given = call.variable("x") else { return .nothing }
    let x =
      call.axis == nil
      ? given.asMatrix.reshaped(1, given.shape.count)
      : call.axis == .rows ? given.asMatrix.transposed : given.asMatrix
    let order = x.value.matrix.sortingOrder(along: .columns)
    try Interrupt.check()
    let sorted = moved(x, by: order, along: .columns)
    let rows = Array(0..<x.shape.rows)
    let places = parts.map { $0 * Double(x.shape.columns - 1) }
    let lower = places.map { Int($0) }
    let upper = lower.map { min($0 + 1, x.shape.columns - 1) }
    let weights = Trace(Matrix(row: zip(places, lower).map { $0 - Double($1) }))
    let low = sorted.picked(rows: rows, columns: lower)
    let result = low + weights .* (sorted.picked(rows: rows, columns: upper) - low)
    if call.axis == nil { return isSingle ? Value(result.element(0, 0)) : Value(result) }
    return Value(call.axis == .rows ? result.transposed : result)
  }

  /// The covariance of the columns, or of two vectors as columns.
  private static func relation(_ call: TracedCall) -> Trace {
    guard let given = call.variable("x")?.asMatrix else { return Trace(0) }
    var samples = given.shape.rows == 1 ? given.reshaped(given.shape.count, 1) : given
    if let y = call.variable("y") {
      let count = given.shape.count
      samples = Trace.joined([[given.reshaped(count, 1), y.reshaped(count, 1)]])
    }
    let centered = samples - samples.mean(along: .rows)
    return (centered.transposed * centered) ./ Double(samples.shape.rows - 1)
  }

  private static func diagonal(of x: Trace) -> Trace {
    x.picked(positions: (0..<x.shape.rows).map { $0 * x.shape.columns + $0 })
  }

  /// A matrix of one element as a number, as `cov` and `corr` give it; of two vectors the element
  /// beside the diagonal.
  private static func single(_ x: Trace, pair: Bool) -> Value {
    if pair { return Value(x.element(0, 1)) }
    return Value(x.shape.count == 1 ? x.element(0, 0) : x)
  }
}
