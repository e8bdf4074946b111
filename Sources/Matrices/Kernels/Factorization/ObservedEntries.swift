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

  /// `a_i · b_j` at every known place (i, j), in order.
  package func products(_ a: Matrix, _ b: Matrix) -> [Double] {
    Kernels.products(a.converted(to: .double), b.converted(to: .double), rows, columns)
  }

  /// Solves one ridge regression a row: see `Kernels.solveRidges`.
  package func solveRows(_ own: inout Matrix, _ other: Matrix, _ ridge: RidgeLayout) {
    Kernels.solveRidges(byRows, &own, other, ridge)
  }

  /// Solves one ridge regression a column.
  package func solveColumns(_ own: inout Matrix, _ other: Matrix, _ ridge: RidgeLayout) {
    Kernels.solveRidges(byColumns, &own, other, ridge)
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

  /// What the penalties of a line with so many entries are multiplied with: between the constant of
  /// textbooks and the number itself (Zhou et al. 2008); chosen by cross-validation.
  package static func weight(entries: Int) -> Double { Double(entries).squareRoot() }

  package init(
    rank: Int, bias: Int, offset: Int, mean: Double, penalty: Double, biasPenalty: Double,
    solvesBias: Bool
  ) {
    self.rank = rank
    self.bias = bias
    self.offset = offset
    self.mean = mean
    self.penalty = penalty
    self.biasPenalty = biasPenalty
    self.solvesBias = solvesBias
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
}

extension Kernels {
  fileprivate static func products(
    _ a: Matrix, _ b: Matrix, _ rows: [Int32], _ columns: [Int32]
  ) -> [Double] {
    let (a, b) = (a.rowMajor(), b.rowMajor())
    precondition(a.columns == b.columns)
    let width = a.columns
    return [Double](unsafeUninitializedCapacity: rows.count) { target, initialized in
      let target = target
      a.read(Double.self) { x in
        b.read(Double.self) { y in
          rows.withUnsafeBufferPointer { rows in
            columns.withUnsafeBufferPointer { columns in
              ThreadPool.shared.run(rows.count, by: max(64, chunk / max(width, 1))) { range in
                for i in range {
                  let (p, q) = (x + Int(rows[i]) * width, y + Int(columns[i]) * width)
                  var sum = 0.0
                  for c in 0..<width { sum.addProduct(p[c], q[c]) }
                  target[i] = sum
                }
              }
            }
          }
        }
      }
      initialized = rows.count
    }
  }

  /// For every line with known entries: the p and b that minimise
  /// `Σ (r − mean − c − p·q − b)² + √n (λ‖p‖² + μ b²)` over its n entries, by the normal equations
  /// and Cholesky's factor: alternating least squares with weighted penalties (Zhou, Wilkinson,
  /// Schreiber & Pan 2008). Lines without entries become 0. Lines do not depend on each other.
  /// Cost `entries · rank² + lines · rank³ / 3` flops.
  fileprivate static func solveRidges(
    _ lines: ObservedLines, _ own: inout Matrix, _ other: Matrix, _ layout: RidgeLayout
  ) {
    precondition(own.columns == layout.rank + 2 && other.columns == own.columns)
    let columns = own.columns
    let count = own.rows
    let other = other.rowMajor()
    own.write(Double.self) { target in
      other.read(Double.self) { source in
        ThreadPool.shared.run(count, by: max(1, (count + 63) / 64)) { range in
          if Interrupt.abandonsKernels { return }
          let system = RidgeSystem(layout)
          defer { system.deallocate() }
          for line in range {
            let entries = lines.starts[line]..<lines.starts[line + 1]
            let row = target + line * columns
            system.clear()
            lines.places.withUnsafeBufferPointer { places in
              lines.values.withUnsafeBufferPointer { values in
                for i in entries {
                  system.add(source + Int(places[i]) * columns, values[i])
                }
              }
            }
            system.solve(entries: entries.count, into: row)
          }
        }
      }
    }
  }
}

/// The normal equations of one line, solved in place; rows padded to whole vectors.
private struct RidgeSystem {
  let layout: RidgeLayout
  /// Unknowns: rank + 1.
  let size: Int
  let stride: Int
  let gram: UnsafeMutablePointer<Double>
  let right: UnsafeMutablePointer<Double>
  let features: UnsafeMutablePointer<Double>

  init(_ layout: RidgeLayout) {
    self.layout = layout
    size = layout.rank + 1
    stride = (size + 7) / 8 * 8
    gram = .allocate(capacity: size * stride)
    right = .allocate(capacity: stride)
    features = .allocate(capacity: stride)
    features.initialize(repeating: 0, count: stride)
  }

  func deallocate() {
    gram.deallocate()
    right.deallocate()
    features.deallocate()
  }

  func clear() {
    gram.update(repeating: 0, count: size * stride)
    right.update(repeating: 0, count: stride)
  }

  /// Adds one known value with the row of the other factor: the lower triangle, by whole vectors.
  @inline(__always)
  func add(_ other: UnsafePointer<Double>, _ value: Double) {
    features.update(from: other, count: layout.rank)
    features[layout.rank] = layout.solvesBias ? 1 : 0
    let target = value - layout.mean - other[layout.offset]
    let own = UnsafePointer(features)
    for a in 0..<size {
      let factor = SIMD8<Double>(repeating: own[a])
      let row = gram + a * stride
      var b = 0
      while b <= a {
        store(load(UnsafePointer(row), b).addingProduct(factor, load(own, b)), row, b)
        b += 8
      }
    }
    let factor = SIMD8<Double>(repeating: target)
    var b = 0
    while b < stride {
      store(load(UnsafePointer(right), b).addingProduct(factor, load(own, b)), right, b)
      b += 8
    }
  }

  /// Adds the penalties, factors and solves.
  func solve(entries: Int, into row: UnsafeMutablePointer<Double>) {
    guard entries > 0 else {
      row.update(repeating: 0, count: layout.rank)
      row[layout.bias] = 0
      return
    }
    let weight = RidgeLayout.weight(entries: entries)
    // A trace of a penalty keeps the factor real when none is asked for.
    for a in 0..<layout.rank {
      gram[a * stride + a] += weight * layout.penalty + 1e-10 * (gram[a * stride + a] + weight)
    }
    let last = layout.rank * stride + layout.rank
    gram[last] += layout.solvesBias ? weight * (layout.biasPenalty + 1e-10) : 1
    for a in 0..<size {
      let rowA = gram + a * stride
      for b in 0...a {
        let rowB = gram + b * stride
        var sum = rowA[b]
        for c in 0..<b { sum.addProduct(-rowA[c], rowB[c]) }
        rowA[b] = a == b ? sum.squareRoot() : sum / rowB[b]
      }
      var sum = right[a]
      for c in 0..<a { sum.addProduct(-rowA[c], right[c]) }
      right[a] = sum / rowA[a]
    }
    for a in Swift.stride(from: size - 1, through: 0, by: -1) {
      var sum = right[a]
      for c in a + 1..<max(size, a + 1) { sum.addProduct(-gram[c * stride + a], right[c]) }
      right[a] = sum / gram[a * stride + a]
    }
    row.update(from: right, count: layout.rank)
    row[layout.bias] = layout.solvesBias ? right[layout.rank] : 0
  }
}
