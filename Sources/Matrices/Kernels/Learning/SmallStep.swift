import Glibc

/// What a step of small arithmetic does, as a code that needs no memory of its own.
package enum SmallStep: UInt8, Sendable {
  /// A number or matrix as it was given.
  case given
  case add, subtract, multiply, divide, power
  case product, transposition
  case total, mean
  /// One element.
  case element
  /// A function of every element.
  case function
  /// Something that is not small arithmetic.
  case other

  /// The step of an operation on elements, if it is one.
  package init?(_ operation: ElementwiseOperation) {
    switch operation {
    case .add: self = .add
    case .subtract: self = .subtract
    case .multiply: self = .multiply
    case .divide: self = .divide
    case .power: self = .power
    case .remainder, .minimum, .maximum, .equal, .unequal, .less, .lessOrEqual, .greater,
      .greaterOrEqual, .and, .or:
      return nil
    }
  }

  /// The operation on elements that it is.
  package var operation: ElementwiseOperation? {
    switch self {
    case .add: .add
    case .subtract: .subtract
    case .multiply: .multiply
    case .divide: .divide
    case .power: .power
    case .given, .product, .transposition, .total, .mean, .element, .function, .other: nil
    }
  }
}

/// A few 64-bit numbers, row after row, in memory that someone else keeps.
package struct SmallBlock {
  package let address: UnsafeMutablePointer<Double>
  package let rows: Int
  package let columns: Int

  package init(_ address: UnsafeMutablePointer<Double>, _ rows: Int, _ columns: Int) {
    self.address = address
    self.rows = rows
    self.columns = columns
  }

  package var count: Int { rows * columns }

  /// The numbers as a matrix with memory of its own.
  package var matrix: Matrix {
    let result = Matrix(uninitialized: Shape(rows, columns), .double)
    result.storage.address.assumingMemoryBound(to: Double.self)
      .update(from: address, count: count)
    return result
  }
}

extension SmallBlock {
  // MARK: Forward

  /// `a ∘ b` of each element, rows and columns of length 1 repeated, into a block of the joint
  /// shape: the bits of `Matrix.combine`.
  package func fill(_ step: SmallStep, _ a: SmallBlock, _ b: SmallBlock) {
    switch step {
    case .add: combine(a, b) { $0 + $1 }
    case .subtract: combine(a, b) { $0 - $1 }
    case .multiply: combine(a, b) { $0 * $1 }
    case .divide: combine(a, b) { $0 / $1 }
    case .power: combine(a, b) { Power.apply($0, $1) }
    case .given, .product, .transposition, .total, .mean, .element, .function, .other:
      preconditionFailure("not an operation on two elements")
    }
  }

  @inline(__always)
  private func combine(
    _ a: SmallBlock, _ b: SmallBlock, _ operation: (Double, Double) -> Double
  ) {
    pairs(a, b) { i, j, k in address[k] = operation(a.address[i], b.address[j]) }
  }

  /// Goes through the places of a block and of two operands that are repeated to its shape.
  @inline(__always)
  private func pairs(_ a: SmallBlock, _ b: SmallBlock, _ body: (Int, Int, Int) -> Void) {
    let count = count
    if a.count == count && b.count == count {
      for k in 0..<count { body(k, k, k) }
    } else if b.count == 1 {
      for k in 0..<count { body(k, 0, k) }
    } else if a.count == 1 {
      for k in 0..<count { body(0, k, k) }
    } else {
      let (rowA, rowB) = (a.rows == 1 ? 0 : a.columns, b.rows == 1 ? 0 : b.columns)
      let (columnA, columnB) = (a.columns == 1 ? 0 : 1, b.columns == 1 ? 0 : 1)
      var k = 0
      for row in 0..<rows {
        for column in 0..<columns {
          body(row * rowA + column * columnA, row * rowB + column * columnB, k)
          k += 1
        }
      }
    }
  }

  /// The matrix product: the bits of `*`.
  package func fill(product a: SmallBlock, _ b: SmallBlock) {
    var place = 0
    for row in 0..<rows {
      let x = a.address + row * a.columns
      for column in 0..<columns {
        var sum = 0.0
        for i in 0..<a.columns { sum.addProduct(x[i], b.address[i * columns + column]) }
        address[place] = sum
        place += 1
      }
    }
  }

  /// The transpose.
  package func fill(transposing a: SmallBlock) {
    for row in 0..<rows {
      for column in 0..<columns { address[row * columns + column] = a.address[column * rows + row] }
    }
  }

  /// The function of every element.
  package func fill(_ function: ElementwiseFunction, of a: SmallBlock) {
    let map: Kernels.Mapper<Double> = Kernels.mapper(function)
    map(UnsafePointer(a.address), address, count)
  }

  /// The sum of all elements.
  package var total: Double { Kernels.sum(UnsafePointer(address), count) }

  // MARK: Backward. `self` is a slope of the shape of the result y; what is found is added.

  /// Through `y = a ∘ b` to the slopes of `a` and `b`, where they are wanted.
  package func pass(
    _ step: SmallStep, _ a: SmallBlock, _ b: SmallBlock, _ y: SmallBlock,
    toLeft left: UnsafeMutablePointer<Double>?, toRight right: UnsafeMutablePointer<Double>?
  ) {
    let slope = address
    switch step {
    case .add:
      // d(a + b) = da + db
      if let left { pairs(a, b) { i, _, k in left[i] += slope[k] } }
      if let right { pairs(a, b) { _, j, k in right[j] += slope[k] } }
    case .subtract:
      // d(a − b) = da − db
      if let left { pairs(a, b) { i, _, k in left[i] += slope[k] } }
      if let right { pairs(a, b) { _, j, k in right[j] -= slope[k] } }
    case .multiply:
      // d(a b) = b da + a db
      if let left { pairs(a, b) { i, j, k in left[i] += slope[k] * b.address[j] } }
      if let right { pairs(a, b) { i, j, k in right[j] += slope[k] * a.address[i] } }
    case .divide:
      // d(a / b) = da / b − y db / b
      if let left { pairs(a, b) { i, j, k in left[i] += slope[k] / b.address[j] } }
      if let right {
        pairs(a, b) { _, j, k in right[j] -= slope[k] * y.address[k] / b.address[j] }
      }
    case .power:
      // d(aᵇ) = b aᵇ⁻¹ da + y ln a db; where a is not positive the exponent stays
      if let left {
        if b.count == 1, b.address[0] == 2 {
          pairs(a, b) { i, _, k in left[i] += 2 * slope[k] * a.address[i] }
        } else {
          pairs(a, b) { i, j, k in
            let exponent = b.address[j]
            left[i] += slope[k] * (exponent * Power.apply(a.address[i], exponent - 1))
          }
        }
      }
      if let right {
        let log: Kernels.Mapper<Double> = Kernels.mapper(.log)
        pairs(a, b) { i, j, k in
          guard a.address[i] > 0 else { return }
          var logarithm = 0.0
          log(UnsafePointer(a.address + i), &logarithm, 1)
          right[j] += slope[k] * (y.address[k] * logarithm)
        }
      }
    case .given, .product, .transposition, .total, .mean, .element, .function, .other:
      preconditionFailure("not an operation on two elements")
    }
  }

  /// Through `Y = A B`: `G Bᵀ` and `Aᵀ G`.
  package func pass(
    product a: SmallBlock, _ b: SmallBlock, toLeft left: UnsafeMutablePointer<Double>?,
    toRight right: UnsafeMutablePointer<Double>?
  ) {
    let inner = a.columns
    for row in 0..<rows {
      let slope = address + row * columns
      for i in 0..<inner {
        if let left {
          let y = b.address + i * columns
          var sum = 0.0
          for column in 0..<columns { sum.addProduct(slope[column], y[column]) }
          left[row * inner + i] += sum
        }
        if let right {
          let x = a.address[row * inner + i]
          let target = right + i * columns
          for column in 0..<columns { target[column].addProduct(x, slope[column]) }
        }
      }
    }
  }

  /// Through `Y = Aᵀ`: the transpose of the slope.
  package func pass(transposing target: UnsafeMutablePointer<Double>) {
    for row in 0..<rows {
      for column in 0..<columns { target[column * rows + row] += address[row * columns + column] }
    }
  }

  /// Through `y = f(a)`, a function of every element.
  package func pass(
    _ function: ElementwiseFunction, _ a: SmallBlock, _ y: SmallBlock,
    to target: UnsafeMutablePointer<Double>
  ) {
    let (g, x, y, n) = (address, a.address, y.address, count)
    switch function {
    case .exp: for i in 0..<n { target[i] += g[i] * y[i] }
    case .log: for i in 0..<n { target[i] += g[i] / x[i] }
    case .sqrt: for i in 0..<n { target[i] += g[i] / (2 * y[i]) }
    case .square: for i in 0..<n { target[i] += 2 * g[i] * x[i] }
    case .reciprocal: for i in 0..<n { target[i] -= g[i] * y[i] * y[i] }
    case .negate: for i in 0..<n { target[i] -= g[i] }
    case .abs: for i in 0..<n { target[i] += x[i] > 0 ? g[i] : x[i] < 0 ? -g[i] : x[i] * g[i] }
    case .sin: scaled(.cos, a, 1, target)
    case .cos: scaled(.sin, a, -1, target)
    case .tan: for i in 0..<n { target[i] += g[i] * (y[i] * y[i] + 1) }
    case .tanh: for i in 0..<n { target[i] += g[i] * (1 - y[i] * y[i]) }
    case .sigmoid: for i in 0..<n { target[i] += g[i] * (y[i] * (1 - y[i])) }
    case .relu: for i in 0..<n { target[i] += x[i] > 0 ? g[i] : 0 * g[i] }
    case .asin: for i in 0..<n { target[i] += g[i] / (1 - x[i] * x[i]).squareRoot() }
    case .acos: for i in 0..<n { target[i] -= g[i] / (1 - x[i] * x[i]).squareRoot() }
    case .atan: for i in 0..<n { target[i] += g[i] / (1 + x[i] * x[i]) }
    case .sinh: scaled(.cosh, a, 1, target)
    case .cosh: scaled(.sinh, a, 1, target)
    case .erf:
      for i in 0..<n { target[i] += g[i] * 2 / Double.pi.squareRoot() * Glibc.exp(-x[i] * x[i]) }
    case .log1p: for i in 0..<n { target[i] += g[i] / (x[i] + 1) }
    case .expm1: for i in 0..<n { target[i] += g[i] * (y[i] + 1) }
    case .softplus: scaled(.sigmoid, a, 1, target)
    // Steps do not change with what they are made of, except at jumps.
    case .sign, .floor, .ceil, .round, .not, .isNaN, .isFinite: break
    }
  }

  /// Adds `sign · slope · f(a)`.
  private func scaled(
    _ function: ElementwiseFunction, _ a: SmallBlock, _ sign: Double,
    _ target: UnsafeMutablePointer<Double>
  ) {
    let map: Kernels.Mapper<Double> = Kernels.mapper(function)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: max(count, 1)) { values in
      guard let values = values.baseAddress else { return }
      map(UnsafePointer(a.address), values, count)
      for i in 0..<count { target[i] += sign * address[i] * values[i] }
    }
  }

  /// Adds one number to every element.
  package func add(_ number: Double) { for i in 0..<count { address[i] += number } }

  /// Adds a matrix of the same shape, whatever its precision.
  package func add(_ matrix: Matrix) {
    let matrix = matrix.converted(to: .double).rowMajor()
    matrix.read(Double.self) { source in for i in 0..<count { address[i] += source[i] } }
  }
}
