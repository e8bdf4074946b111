/// How elements join a running value: all of it in 64 bits.
private protocol Fold {
  static var start: Double { get }
  /// Joins a vector of elements.
  static func take<S: Scalar>(_ value: S.Wide, _ x: S.Wide, _: S.Type) -> S.Wide
  /// Joins one element.
  static func take(_ value: Double, _ x: Double) -> Double
  /// Joins two running values.
  static func join(_ a: Double, _ b: Double) -> Double
}

private enum Sum: Fold {
  static var start: Double { 0 }
  @inline(__always)
  static func take<S: Scalar>(_ value: S.Wide, _ x: S.Wide, _: S.Type) -> S.Wide { value + x }
  @inline(__always) static func take(_ value: Double, _ x: Double) -> Double { value + x }
  @inline(__always) static func join(_ a: Double, _ b: Double) -> Double { a + b }
}

private enum Product: Fold {
  static var start: Double { 1 }
  @inline(__always)
  static func take<S: Scalar>(_ value: S.Wide, _ x: S.Wide, _: S.Type) -> S.Wide { value * x }
  @inline(__always) static func take(_ value: Double, _ x: Double) -> Double { value * x }
  @inline(__always) static func join(_ a: Double, _ b: Double) -> Double { a * b }
}

private enum SumOfSquares: Fold {
  static var start: Double { 0 }
  @inline(__always)
  static func take<S: Scalar>(_ value: S.Wide, _ x: S.Wide, _: S.Type) -> S.Wide {
    value.addingProduct(x, x)
  }
  @inline(__always) static func take(_ value: Double, _ x: Double) -> Double {
    value.addingProduct(x, x)
  }
  @inline(__always) static func join(_ a: Double, _ b: Double) -> Double { a + b }
}

private enum SumOfMagnitudes: Fold {
  static var start: Double { 0 }
  @inline(__always)
  static func take<S: Scalar>(_ value: S.Wide, _ x: S.Wide, _: S.Type) -> S.Wide {
    value + x.magnitudes
  }
  @inline(__always) static func take(_ value: Double, _ x: Double) -> Double { value + abs(x) }
  @inline(__always) static func join(_ a: Double, _ b: Double) -> Double { a + b }
}

private enum CountNonZero: Fold {
  static var start: Double { 0 }
  @inline(__always)
  static func take<S: Scalar>(_ value: S.Wide, _ x: S.Wide, _: S.Type) -> S.Wide {
    value + x.marks
  }
  @inline(__always) static func take(_ value: Double, _ x: Double) -> Double {
    x != 0 ? value + 1 : value
  }
  @inline(__always) static func join(_ a: Double, _ b: Double) -> Double { a + b }
}

private enum Least: Fold {
  static var start: Double { .infinity }
  @inline(__always)
  static func take<S: Scalar>(_ value: S.Wide, _ x: S.Wide, _: S.Type) -> S.Wide {
    value.least(x)
  }
  @inline(__always) static func take(_ value: Double, _ x: Double) -> Double {
    x < value || x.isNaN ? x : value
  }
  @inline(__always) static func join(_ a: Double, _ b: Double) -> Double { take(a, b) }
}

private enum Greatest: Fold {
  static var start: Double { -.infinity }
  @inline(__always)
  static func take<S: Scalar>(_ value: S.Wide, _ x: S.Wide, _: S.Type) -> S.Wide {
    value.greatest(x)
  }
  @inline(__always) static func take(_ value: Double, _ x: Double) -> Double {
    x > value || x.isNaN ? x : value
  }
  @inline(__always) static func join(_ a: Double, _ b: Double) -> Double { take(a, b) }
}

extension Kernels {
  /// The folds behind the reductions.
  enum Folding { case sum, product, least, greatest, sumOfSquares, sumOfMagnitudes, count }

  static func fold(of reduction: Reduction) -> Folding {
    switch reduction {
    case .sum, .mean: .sum
    case .product: .product
    case .minimum: .least
    case .maximum: .greatest
    case .sumOfSquares: .sumOfSquares
    case .sumOfMagnitudes: .sumOfMagnitudes
    case .count, .any, .all: .count
    }
  }

  static func total<S: Scalar>(_ matrix: Matrix, _ fold: Folding, _: S.Type) -> Double {
    switch fold {
    case .sum: total(matrix, Sum.self, S.self)
    case .product: total(matrix, Product.self, S.self)
    case .least: total(matrix, Least.self, S.self)
    case .greatest: total(matrix, Greatest.self, S.self)
    case .sumOfSquares: total(matrix, SumOfSquares.self, S.self)
    case .sumOfMagnitudes: total(matrix, SumOfMagnitudes.self, S.self)
    case .count: total(matrix, CountNonZero.self, S.self)
    }
  }

  static func reduced<S: Scalar>(_ matrix: Matrix, _ axis: Axis, _ fold: Folding, _: S.Type)
    -> [Double]
  {
    switch fold {
    case .sum: reduced(matrix, axis, Sum.self, S.self)
    case .product: reduced(matrix, axis, Product.self, S.self)
    case .least: reduced(matrix, axis, Least.self, S.self)
    case .greatest: reduced(matrix, axis, Greatest.self, S.self)
    case .sumOfSquares: reduced(matrix, axis, SumOfSquares.self, S.self)
    case .sumOfMagnitudes: reduced(matrix, axis, SumOfMagnitudes.self, S.self)
    case .count: reduced(matrix, axis, CountNonZero.self, S.self)
    }
  }

  /// The sum of a few numbers, to the bits of `total`.
  static func sum(_ x: UnsafePointer<Double>, _ count: Int) -> Double {
    line(Sum.self, x, 0..<count)
  }

  private static func total<F: Fold, S: Scalar>(_ matrix: Matrix, _: F.Type, _: S.Type) -> Double {
    matrix.read(S.self) { x in folded(matrix.count, F.join) { line(F.self, x, $0) } }
  }

  /// Values of fixed chunks of `0..<count`, joined in order.
  private static func folded(
    _ count: Int, _ join: (Double, Double) -> Double, _ part: (Range<Int>) -> Double
  ) -> Double {
    if count <= chunk { return part(0..<count) }
    let pieces = (count + chunk - 1) / chunk
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: pieces) { parts in
      ThreadPool.shared.run(pieces) { piece in
        let range = piece * chunk..<min(count, (piece + 1) * chunk)
        parts[piece] = Interrupt.abandonsKernels ? 0 : part(range)
      }
      return parts.dropFirst().reduce(parts[0], join)
    }
  }

  /// The fold of a stretch of memory: two vectors of running values, then their lanes, in order.
  @inline(__always)
  private static func line<F: Fold, S: Scalar>(
    _: F.Type, _ x: UnsafePointer<S>, _ range: Range<Int>
  ) -> Double {
    let width = S.Vector.scalarCount
    var i = range.lowerBound
    var value = F.start
    if range.count >= width {
      var first = S.Wide(repeating: F.start)
      var second = first
      while i + 2 * width <= range.upperBound {
        first = F.take(first, S.widened(load(x, i)), S.self)
        second = F.take(second, S.widened(load(x, i + width)), S.self)
        i += 2 * width
      }
      if i + width <= range.upperBound {
        first = F.take(first, S.widened(load(x, i)), S.self)
        i += width
      }
      for lane in 0..<width { first[lane] = F.join(first[lane], second[lane]) }
      var distance = width / 2
      while distance > 0 {
        for lane in 0..<distance { first[lane] = F.join(first[lane], first[lane + distance]) }
        distance /= 2
      }
      value = first[0]
    }
    while i < range.upperBound {
      value = F.take(value, Double(x[i]))
      i += 1
    }
    return value
  }

  private static func reduced<F: Fold, S: Scalar>(
    _ matrix: Matrix, _ axis: Axis, _: F.Type, _: S.Type
  ) -> [Double] {
    // Along the lines in memory, or across them.
    let isAlong = (axis == .columns) != matrix.isTransposed
    let (lines, length) =
      matrix.isTransposed ? (matrix.columns, matrix.rows) : (matrix.rows, matrix.columns)
    return matrix.read(S.self) { x in
      isAlong
        ? along(F.self, x, lines: lines, length: length)
        : across(F.self, x, lines: lines, length: length)
    }
  }

  private static func along<F: Fold, S: Scalar>(
    _: F.Type, _ x: UnsafePointer<S>, lines: Int, length: Int
  ) -> [Double] {
    [Double](unsafeUninitializedCapacity: lines) { result, count in
      count = lines
      guard let out = result.baseAddress else { return }
      out.initialize(repeating: F.start, count: lines)
      if length > 4 * chunk {
        for i in 0..<lines {
          out[i] = folded(length, F.join) { line(F.self, x + i * length, $0) }
        }
      } else {
        ThreadPool.shared.run(lines, by: max(1, chunk / max(length, 1))) { range in
          if Interrupt.abandonsKernels { return }
          for i in range { out[i] = line(F.self, x + i * length, 0..<length) }
        }
      }
    }
  }

  private static func across<F: Fold, S: Scalar>(
    _: F.Type, _ x: UnsafePointer<S>, lines: Int, length: Int
  ) -> [Double] {
    // Every piece has running values of its own, so few pieces where there are many lines.
    let size = max(16, chunk / max(length, 1), (lines + 31) / 32)
    let pieces = max((lines + size - 1) / size, 1)
    var parts = [Double](repeating: F.start, count: pieces * length)
    parts.withUnsafeMutableBufferPointer { parts in
      guard let base = parts.baseAddress else { return }
      ThreadPool.shared.run(pieces) { piece in
        if Interrupt.abandonsKernels { return }
        let out = base + piece * length
        for i in piece * size..<max(piece * size, min(lines, (piece + 1) * size)) {
          absorb(F.self, x + i * length, into: out, length)
        }
      }
      for piece in 1..<max(pieces, 1) {
        for i in 0..<length { base[i] = F.join(base[i], base[piece * length + i]) }
      }
    }
    return Array(parts.prefix(length))
  }

  /// Joins the elements of a line to running values.
  @inline(__always)
  private static func absorb<F: Fold, S: Scalar>(
    _: F.Type, _ line: UnsafePointer<S>, into out: UnsafeMutablePointer<Double>, _ count: Int
  ) {
    let width = S.Vector.scalarCount
    var i = 0
    while i + width <= count {
      let place = UnsafeMutableRawPointer(out + i)
      let value = F.take(place.loadUnaligned(as: S.Wide.self), S.widened(load(line, i)), S.self)
      place.storeBytes(of: value, as: S.Wide.self)
      i += width
    }
    while i < count {
      out[i] = F.take(out[i], Double(line[i]))
      i += 1
    }
  }

  static func dot<S: Scalar>(_ a: Matrix, _ b: Matrix, _: S.Type) -> Double {
    a.read(S.self) { x in
      b.read(S.self) { y in
        folded(a.count, +) { range in
          let width = S.Vector.scalarCount
          var sums = S.Wide(repeating: 0)
          var i = range.lowerBound
          while i + width <= range.upperBound {
            sums.addProduct(S.widened(load(x, i)), S.widened(load(y, i)))
            i += width
          }
          var sum = sums.sum()
          while i < range.upperBound {
            sum.addProduct(Double(x[i]), Double(y[i]))
            i += 1
          }
          return sum
        }
      }
    }
  }

  @inline(__always)
  static func extremes<S: Scalar>(
    _ matrix: Matrix, _ axis: Axis, _: S.Type, _ isBetter: (Double, Double) -> Bool
  ) -> [Int] {
    let (rowStep, columnStep) = matrix.isTransposed ? (1, matrix.rows) : (matrix.columns, 1)
    let (results, length) =
      axis == .rows ? (matrix.columns, matrix.rows) : (matrix.rows, matrix.columns)
    let (resultStep, step) = axis == .rows ? (columnStep, rowStep) : (rowStep, columnStep)
    return matrix.read(S.self) { x in
      var places = [Int](repeating: 0, count: results)
      if step == 1 {
        for i in 0..<results {
          let line = x + i * resultStep
          var best = Double(line[0])
          for j in 1..<max(length, 1) where !best.isNaN {
            let value = Double(line[j])
            if isBetter(value, best) || value.isNaN { (best, places[i]) = (value, j) }
          }
        }
      } else {
        var best = (0..<results).map { Double(x[$0 * resultStep]) }
        for j in 1..<max(length, 1) {
          for i in 0..<results {
            let value = Double(x[i * resultStep + j * step])
            if isBetter(value, best[i]) || value.isNaN && !best[i].isNaN {
              (best[i], places[i]) = (value, j)
            }
          }
        }
      }
      return places
    }
  }

  static func accumulate<S: Scalar>(_ matrix: inout Matrix, _: S.Type) {
    let (rows, columns) = (matrix.rows, matrix.columns)
    matrix.write(S.self) { x in
      ThreadPool.shared.run(rows, by: max(1, chunk / max(columns, 1))) { range in
        if Interrupt.abandonsKernels { return }
        for row in range {
          var sum = 0.0
          for i in row * columns..<(row + 1) * columns {
            sum += Double(x[i])
            x[i] = S(sum)
          }
        }
      }
    }
  }

  /// The first position in memory order whose element is wanted.
  @inline(__always)
  static func first<S: Scalar>(_ matrix: Matrix, _: S.Type, _ isWanted: (Double) -> Bool) -> Int? {
    let count = matrix.count
    return matrix.read(S.self) { x in
      var i = 0
      while i < count {
        // Blocks without an exit inside, so that they become vectors.
        let end = min(count, i + 256)
        var found = false
        for j in i..<end where isWanted(Double(x[j])) { found = true }
        if found { return (i..<end).first { isWanted(Double(x[$0])) } }
        i = end
      }
      return nil
    }
  }

  /// The positions of the elements that are not 0, in memory order: counted first, so that they are
  /// written once and in pieces.
  static func nonZeroPositions<S: Scalar>(_ matrix: Matrix, _: S.Type) -> [Int] {
    let count = matrix.count
    if count == 0 { return [] }
    let pieces = (count + chunk - 1) / chunk
    return matrix.read(S.self) { x in
      var places = [Int](repeating: 0, count: pieces + 1)
      places.withUnsafeMutableBufferPointer { places in
        guard let places = places.baseAddress else { return }
        inChunks(count) { range in
          var found = 0
          for i in range { found += x[i] != 0 ? 1 : 0 }
          places[range.lowerBound / chunk + 1] = found
        }
        for piece in 0..<pieces { places[piece + 1] += places[piece] }
      }
      // A stop leaves counts behind that do not belong together.
      if Interrupt.abandonsKernels { return [] }
      return [Int](unsafeUninitializedCapacity: places[pieces]) { positions, filled in
        guard let positions = positions.baseAddress else { return }
        inChunks(count) { range in
          var place = places[range.lowerBound / chunk]
          for i in range where x[i] != 0 {
            positions[place] = i
            place += 1
          }
        }
        filled = Interrupt.abandonsKernels ? 0 : places[pieces]
      }
    }
  }
}
