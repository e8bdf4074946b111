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

  /// `a_i · b_j` at every known place (i, j), in order.
  package func products(_ a: Matrix, _ b: Matrix) -> [Double] {
    if a.precision == .single && b.precision == .single {
      return Kernels.products(a, b, rows, columns, Float.self)
    }
    return Kernels.products(
      a.converted(to: .double), b.converted(to: .double), rows, columns, Double.self)
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

  var counts: [Int] { zip(starts, starts.dropFirst()).map { $1 - $0 } }
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
          var system = NormalEquations<Double>(size: layout.rank + 1)
          defer { system.deallocate() }
          for line in range {
            let entries = lines.starts[line]..<lines.starts[line + 1]
            let row = target + line * columns
            system.clear()
            lines.places.withUnsafeBufferPointer { places in
              lines.values.withUnsafeBufferPointer { values in
                for i in entries {
                  let other = source + Int(places[i]) * columns
                  let feature = system.feature
                  feature.update(from: other, count: layout.rank)
                  feature[layout.rank] = layout.solvesBias ? 1 : 0
                  system.add(weight: 1, target: values[i] - layout.mean - other[layout.offset])
                }
              }
            }
            layout.solve(&system, entries: entries.count, into: row)
          }
        }
      }
    }
  }
}

extension RidgeLayout {
  /// Adds the penalties to the equations of a line with so many entries, and solves them.
  fileprivate func solve(
    _ system: inout NormalEquations<Double>, entries: Int, into row: UnsafeMutablePointer<Double>
  ) {
    guard entries > 0 else {
      row.update(repeating: 0, count: rank)
      row[bias] = 0
      return
    }
    let weight = Self.weight(entries: entries)
    // A trace of a penalty keeps the factor real when none is asked for.
    system.addDiagonal { place, own in
      if place < rank { return weight * penalty + 1e-10 * (own + weight) }
      return solvesBias ? weight * (biasPenalty + 1e-10) : 1
    }
    let solution = system.solve()
    row.update(from: solution, count: rank)
    row[bias] = solvesBias ? solution[rank] : 0
  }
}
