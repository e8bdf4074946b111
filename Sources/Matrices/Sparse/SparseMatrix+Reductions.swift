extension SparseMatrix {
  /// `Σ x²`.
  package var sumOfSquares: Double { firstOrder.lines.values.sumOfSquares }

  /// `√Σ x²`.
  package var frobeniusNorm: Double { firstOrder.lines.values.frobeniusNorm }

  /// The reduction of all elements, zeros too, in 64 bits.
  package func total(_ reduction: Reduction) -> Double {
    if reduction == .any { return count > 0 ? 1 : 0 }
    let cells = Double(rows) * Double(columns)
    let values = firstOrder.lines.values
    let isFull = Double(count) == cells
    switch reduction {
    case .sum, .sumOfSquares, .sumOfMagnitudes, .count: return values.total(reduction)
    case .mean: return values.total(.sum) / cells
    case .product: return isFull ? values.total(.product) : (values.total(.sum) * 0)
    case .minimum, .maximum:
      let extreme = values.total(reduction)
      if isFull || extreme.isNaN { return extreme }
      return reduction == .minimum ? Swift.min(extreme, 0) : Swift.max(extreme, 0)
    case .all: return isFull ? 1 : 0
    case .any: return count > 0 ? 1 : 0
    }
  }

  /// The reduction of every column (`.rows`: 1×n) or of every row (`.columns`: m×1), zeros too, as a
  /// dense vector in the precision of the matrix. Both directions read the elements once, in the
  /// order that is there.
  package func reduced(_ reduction: Reduction, along axis: Axis) -> Matrix {
    let (lines, areRows) = firstOrder
    let length = axis == .rows ? rows : columns
    let fold = SparseFold(reduction)
    let results: [Double]
    switch (precision, areRows == (axis == .columns)) {
    case (.double, true): results = lines.folded(fold, length, Double.self)
    case (.single, true): results = lines.folded(fold, length, Float.self)
    case (.double, false):
      results = lines.foldedAcross(fold, axis == .rows ? columns : rows, Double.self)
    case (.single, false):
      results = lines.foldedAcross(fold, axis == .rows ? columns : rows, Float.self)
    }
    let values: [Double]
    switch reduction {
    case .mean: values = results.map { $0 / Double(length) }
    case .any: values = results.map { $0 > 0 ? 1 : 0 }
    case .all: values = results.map { $0 == Double(length) ? 1 : 0 }
    case .sum, .product, .minimum, .maximum, .sumOfSquares, .sumOfMagnitudes, .count:
      values = results
    }
    var result = axis == .rows ? Matrix(row: values) : Matrix(column: values)
    result = result.converted(to: precision)
    result.isLogical = reduction.isLogical
    return result
  }

  /// How many elements are stored in every column (`.rows`) or row (`.columns`).
  package func counts(along axis: Axis) -> [Int] {
    reduced(.count, along: axis).elements.map { Int($0) }
  }

  /// Where the first stored element is that `isWanted`, row after row, and what it is.
  package func first(where isWanted: (Double) -> Bool) -> (row: Int, column: Int, value: Double)? {
    switch precision {
    case .double: return first(Double.self, isWanted)
    case .single: return first(Float.self, isWanted)
    }
  }

  private func first<S: Scalar>(_: S.Type, _ isWanted: (Double) -> Bool)
    -> (row: Int, column: Int, value: Double)?
  {
    var found: (row: Int, column: Int, value: Double)?
    // The order that is there tells whether there is one at all.
    let (lines, areRows) = firstOrder
    var isThere = false
    lines.read(S.self) { _, _, x in
      isThere = (0..<lines.places.count).contains { isWanted(Double(x[$0])) }
    }
    guard isThere else { return nil }
    let ordered = areRows ? lines : byRows
    ordered.read(S.self) { starts, places, x in
      search: for line in 0..<ordered.count {
        for i in starts[line]..<starts[line + 1] where isWanted(Double(x[i])) {
          found = (line, Int(places[i]), Double(x[i]))
          break search
        }
      }
    }
    return found
  }

  /// How many elements are not 0, their sum and sum of squares, and the smallest of all elements.
  package var census: Census {
    var census = firstOrder.lines.values.census
    census.nonZeros = count
    if Double(count) < Double(rows) * Double(columns) || count == 0 {
      census.least = min(census.least, 0)
    }
    return census
  }

  /// One element. For single reads.
  package subscript(row: Int, column: Int) -> Double {
    precondition(row >= 0 && row < rows && column >= 0 && column < columns)
    let (lines, areRows) = firstOrder
    let (line, place) = areRows ? (row, column) : (column, row)
    let range = lines.elements(of: line)
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if Int(lines.places[middle]) < place { low = middle + 1 } else { high = middle }
    }
    guard low < range.upperBound, Int(lines.places[low]) == place else { return 0 }
    return lines.values[low]
  }
}

/// How a line of stored elements becomes one number, with the zeros between them.
private enum SparseFold {
  case sum, product, least, greatest, squares, magnitudes, count

  init(_ reduction: Reduction) {
    switch reduction {
    case .sum, .mean: self = .sum
    case .product: self = .product
    case .minimum: self = .least
    case .maximum: self = .greatest
    case .sumOfSquares: self = .squares
    case .sumOfMagnitudes: self = .magnitudes
    case .count, .any, .all: self = .count
    }
  }

  /// What no element gives.
  var empty: Double {
    switch self {
    case .sum, .squares, .magnitudes, .count: 0
    case .product: 1
    case .least: .infinity
    case .greatest: -.infinity
    }
  }

  @inline(__always)
  func add(_ x: Double, to sum: inout Double) {
    switch self {
    case .sum: sum += x
    case .product: sum *= x
    case .least: sum = sum.isNaN || x < sum || x.isNaN ? (sum.isNaN ? sum : x) : sum
    case .greatest: sum = sum.isNaN || x > sum || x.isNaN ? (sum.isNaN ? sum : x) : sum
    case .squares: sum += x * x
    case .magnitudes: sum += abs(x)
    case .count: sum += x != 0 ? 1 : 0
    }
  }

  /// With the zeros of a line of `length` of which `stored` are stored.
  func finished(_ value: Double, stored: Int, length: Int) -> Double {
    var result = value
    if stored < length && self != .count { add(0, to: &result) }
    return result
  }
}

extension SparseLines {
  fileprivate func folded<S: Scalar>(_ fold: SparseFold, _ length: Int, _: S.Type) -> [Double] {
    var results = [Double](
      repeating: fold.finished(fold.empty, stored: 0, length: length), count: count)
    results.withUnsafeMutableBufferPointer { results in
      let results = results
      let runs = runs(32)
      read(S.self) { starts, _, x in
        ThreadPool.shared.run(runs.count) { run in
          if Interrupt.abandonsKernels { return }
          for line in runs[run] {
            var sum = fold.empty
            for i in starts[line]..<starts[line + 1] { fold.add(Double(x[i]), to: &sum) }
            results[line] = fold.finished(
              sum, stored: starts[line + 1] - starts[line], length: length)
          }
        }
      }
    }
    return results
  }

  fileprivate func foldedAcross<S: Scalar>(_ fold: SparseFold, _ width: Int, _: S.Type)
    -> [Double]
  {
    var results = [Double](repeating: fold.empty, count: width)
    var stored = [Int](repeating: 0, count: width)
    read(S.self) { starts, places, x in
      for line in 0..<count {
        if Interrupt.abandonsKernels { return }
        for i in starts[line]..<starts[line + 1] {
          fold.add(Double(x[i]), to: &results[Int(places[i])])
          stored[Int(places[i])] += 1
        }
      }
    }
    for place in 0..<width {
      results[place] = fold.finished(results[place], stored: stored[place], length: count)
    }
    return results
  }
}
