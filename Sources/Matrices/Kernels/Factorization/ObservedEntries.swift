import Glibc

/// A matrix of which some entries are known and the others are missing, not 0: kept by rows and by
/// columns. An entry may be there several times; each counts.
package struct ObservedEntries: Sendable {
  package let shape: Shape
  package let rows: [Int32]
  package let columns: [Int32]
  package let values: [Double]
  let byRows: ObservedLines
  let byColumns: ObservedLines

  package var count: Int { values.count }
  /// The columns of the entries of a row, in the order in which they were given.
  package func columns(ofRow row: Int) -> ArraySlice<Int32> {
    byRows.places[byRows.starts[row]..<byRows.starts[row + 1]]
  }
  /// The values of the entries of a row, in the same order.
  package func values(ofRow row: Int) -> ArraySlice<Double> {
    byRows.values[byRows.starts[row]..<byRows.starts[row + 1]]
  }
  /// How many entries every row has.
  package var rowCounts: [Int] { byRows.counts }
  /// How many entries every column has.
  package var columnCounts: [Int] { byColumns.counts }

  /// The places must lie within the shape.
  package init(_ shape: Shape, rows: [Int32], columns: [Int32], values: [Double]) {
    precondition(rows.count == values.count && columns.count == values.count)
    precondition(rows.allSatisfy { $0 >= 0 && $0 < shape.rows })
    precondition(columns.allSatisfy { $0 >= 0 && $0 < shape.columns })
    self.shape = shape
    self.rows = rows
    self.columns = columns
    self.values = values
    byRows = ObservedLines(shape.rows, lines: rows, places: columns, values)
    byColumns = ObservedLines(shape.columns, lines: columns, places: rows, values)
  }

  /// Whether some place is there more than once.
  package var hasRepetitions: Bool {
    var lastRow = [Int32](repeating: -1, count: shape.columns)
    for row in 0..<Int32(shape.rows) {
      for column in columns(ofRow: Int(row)) {
        if lastRow[Int(column)] == row { return true }
        lastRow[Int(column)] = row
      }
    }
    return false
  }

  /// For every entry, in the order in which they were given, the first one at its place.
  package var firstOfEqualPlace: [Int32] {
    var order = [Int32](repeating: 0, count: count)
    var next = byRows.starts
    for (index, row) in rows.enumerated() {
      order[next[Int(row)]] = Int32(index)
      next[Int(row)] += 1
    }
    var first = [Int32](repeating: 0, count: count)
    // Of every column the row in which it was seen last, and where.
    var seen = [SIMD2<Int32>](repeating: SIMD2(-1, 0), count: shape.columns)
    for index in order {
      let (row, column) = (rows[Int(index)], Int(columns[Int(index)]))
      if seen[column].x != row { seen[column] = SIMD2(row, index) }
      first[Int(index)] = seen[column].y
    }
    return first
  }

  /// `a_i · b_j` at every known place (i, j), in order.
  package func products(_ a: Matrix, _ b: Matrix) -> [Double] {
    if a.precision == .single && b.precision == .single {
      return Kernels.products(a, b, rows, columns, Float.self)
    }
    return Kernels.products(
      a.converted(to: .double), b.converted(to: .double), rows, columns, Double.self)
  }
}

/// What one row of a factor is made of in `r ≈ mean + p·q + b + c`. Both factors have rank + 2
/// columns, such that the whole model is one product: `[p, b, 1] · [q, 1, c]`.
package struct RidgeLayout: Sendable {
  package var rank: Int
  /// The column with the bias that is solved for; the other factor has 1 there.
  package var bias: Int
  /// The column in which the other factor has its own bias.
  package var offset: Int
  package var mean: Double
  /// The penalties of p and of b, both times the weight of the line.
  package var penalty: Double
  package var biasPenalty: Double
  /// Whether b is solved for, or left at 0.
  package var solvesBias: Bool
  /// The power of its number of entries that the penalties of a line are multiplied with.
  package var exponent: Double
  /// Whether p must not be below 0.
  package var isNonnegative = false
  /// Steps of conjugate gradients a line; `nil` solves exactly.
  package var steps: Int?

  package func weight(entries: Int) -> Double { pow(Double(entries), exponent) }

  package init(
    rank: Int, bias: Int, offset: Int, mean: Double, penalty: Double, biasPenalty: Double,
    solvesBias: Bool, exponent: Double
  ) {
    self.rank = rank
    self.bias = bias
    self.offset = offset
    self.mean = mean
    self.penalty = penalty
    self.biasPenalty = biasPenalty
    self.solvesBias = solvesBias
    self.exponent = exponent
  }
}

/// The known entries line by line, in the order in which they were given.
struct ObservedLines: Sendable {
  var starts: [Int]
  var places: [Int32]
  var values: [Double]

  init(_ count: Int, lines: [Int32], places given: [Int32], _ known: [Double]) {
    starts = [Int](repeating: 0, count: count + 1)
    for line in lines { starts[Int(line) + 1] += 1 }
    for line in 0..<count { starts[line + 1] += starts[line] }
    var next = starts
    places = [Int32](repeating: 0, count: known.count)
    values = [Double](repeating: 0, count: known.count)
    for (index, line) in lines.enumerated() {
      let place = next[Int(line)]
      places[place] = given[index]
      values[place] = known[index]
      next[Int(line)] += 1
    }
  }

  var counts: [Int] { zip(starts, starts.dropFirst()).map { $1 - $0 } }

  /// The places and values of a line.
  @inline(__always)
  func withEntries(
    of line: Int, _ body: (UnsafeBufferPointer<Int32>, UnsafeBufferPointer<Double>) -> Void
  ) {
    let range = starts[line]..<starts[line + 1]
    places.withUnsafeBufferPointer { places in
      values.withUnsafeBufferPointer { values in
        body(
          UnsafeBufferPointer(rebasing: places[range]),
          UnsafeBufferPointer(rebasing: values[range]))
      }
    }
  }
}

extension Kernels {
  /// `a_i · b_j` for pairs of rows.
  fileprivate static func products<S: Scalar>(
    _ a: Matrix, _ b: Matrix, _ rows: [Int32], _ columns: [Int32], _: S.Type
  ) -> [Double] {
    let (a, b) = (a.rowMajor(), b.rowMajor())
    precondition(a.columns == b.columns)
    let width = a.columns
    let lanes = S.Vector.scalarCount
    return [Double](unsafeUninitializedCapacity: rows.count) { target, initialized in
      let target = target
      a.read(S.self) { x in
        b.read(S.self) { y in
          rows.withUnsafeBufferPointer { rows in
            columns.withUnsafeBufferPointer { columns in
              ThreadPool.shared.run(rows.count, by: max(64, chunk / max(width, 1))) { range in
                if Interrupt.abandonsKernels { return }
                for i in range {
                  let (p, q) = (x + Int(rows[i]) * width, y + Int(columns[i]) * width)
                  var sums = S.Vector(repeating: 0)
                  var c = 0
                  while c + lanes <= width {
                    sums.addProduct(load(p, c), load(q, c))
                    c += lanes
                  }
                  var sum = sums.sum()
                  while c < width {
                    sum.addProduct(p[c], q[c])
                    c += 1
                  }
                  target[i] = Double(sum)
                }
              }
            }
          }
        }
      }
      initialized = rows.count
    }
  }
}

extension ObservedEntries {
  /// The stored elements of a sparse matrix; what is not stored is missing, not 0.
  package init(_ matrix: SparseMatrix) {
    let lines = matrix.byRows
    var rows: [Int32] = []
    rows.reserveCapacity(matrix.count)
    for row in 0..<lines.count {
      rows += repeatElement(Int32(row), count: lines.elements(of: row).count)
    }
    let values = lines.values.elements
    self.init(
      matrix.shape, rows: rows, columns: lines.places, values: Array(values.prefix(matrix.count)))
  }
}
