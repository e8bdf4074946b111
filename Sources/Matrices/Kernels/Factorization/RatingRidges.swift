/// Ratings line by line: one ridge regression for every user or item.
extension ObservedEntries {
  /// Solves one ridge regression a row: see `Kernels.solveRidges`. Penalties are for the distance
  /// from `centre`, a row of `rank` numbers each, where there is one. Returns the sum of squares of
  /// what is left of the entries, if that is asked for.
  @discardableResult
  package func solveRows(
    _ own: inout Matrix, _ other: Matrix, _ ridge: RidgeLayout, around centre: Matrix? = nil,
    measures: Bool = false
  ) -> Double {
    Kernels.solveRidges(byRows, &own, other, ridge, centre, measures)
  }

  /// Solves one ridge regression a column.
  package func solveColumns(_ own: inout Matrix, _ other: Matrix, _ ridge: RidgeLayout) {
    _ = Kernels.solveRidges(byColumns, &own, other, ridge, nil, false)
  }
}

extension Kernels {
  /// For every line with known entries: the p and b that minimise
  /// `Σ (r − mean − c − p·q − b)² + n^ν (λ‖p‖² + μ b²)` over its n entries, by the normal equations
  /// and Cholesky's factor: alternating least squares with weighted penalties (Zhou, Wilkinson,
  /// Schreiber & Pan 2008); coordinate by coordinate where p must not be below 0; or some steps
  /// closer by conjugate gradients. Lines without entries become 0. Lines do not depend on each
  /// other. Cost `entries · rank² + lines · rank³ / 3` flops, `steps · 4 · entries · rank` with steps.
  fileprivate static func solveRidges(
    _ lines: ObservedLines, _ own: inout Matrix, _ other: Matrix, _ layout: RidgeLayout,
    _ centre: Matrix?, _ measures: Bool
  ) -> Double {
    precondition(own.columns == layout.rank + 2 && other.columns == own.columns)
    if let steps = layout.steps {
      return approachRidges(lines, &own, other, layout, steps: steps, measures)
    }
    let columns = own.columns
    let count = own.rows
    let other = other.rowMajor()
    let centre = centre?.converted(to: .double).rowMajor()
    precondition(centre.map { $0.shape == Shape(count, layout.rank) } ?? true)
    var squares = [Double](repeating: 0, count: count)
    squares.withUnsafeMutableBufferPointer { squares in
      let squares = squares
      own.write(Double.self) { target in
        other.read(Double.self) { source in
          ThreadPool.shared.run(count, by: max(1, (count + 63) / 64)) { range in
            let side = RidgeSide(source: source, columns: columns, layout: layout)
            var system = NormalEquations<Double>(size: layout.rank + 1)
            defer { system.deallocate() }
            for line in range where !Interrupt.abandonsKernels {
              lines.withEntries(of: line) { places, values in
                let row = target + line * columns
                if let centre {
                  centre.read(Double.self) {
                    side.solve(&system, places, values, row, $0 + line * layout.rank)
                  }
                } else {
                  side.solve(&system, places, values, row, nil)
                }
                if measures { squares[line] = side.squares(places, values, row) }
              }
            }
          }
        }
      }
    }
    return squares.reduce(0, +)
  }
}

/// The fixed factor of a half-step, and what is asked of the other.
private struct RidgeSide {
  let source: UnsafePointer<Double>
  let columns: Int
  let layout: RidgeLayout

  /// What an entry says of its line: the factor of the other side, and what is left of the value.
  @inline(__always)
  func feature(_ place: Int32, _ value: Double) -> (factor: UnsafePointer<Double>, target: Double) {
    let other = source + Int(place) * columns
    return (other, value - layout.mean - other[layout.offset])
  }

  func clear(_ row: UnsafeMutablePointer<Double>) {
    row.update(repeating: 0, count: layout.rank)
    row[layout.bias] = 0
  }

  /// What is left of the entries of a line.
  func squares(
    _ places: UnsafeBufferPointer<Int32>, _ values: UnsafeBufferPointer<Double>,
    _ row: UnsafeMutablePointer<Double>
  ) -> Double {
    var sum = 0.0
    for (place, value) in zip(places, values) {
      let (factor, target) = feature(place, value)
      let rest = target - dotProduct(factor, UnsafePointer(row), layout.rank) - row[layout.bias]
      sum += rest * rest
    }
    return sum
  }

  /// Solves for one line.
  func solve(
    _ system: inout NormalEquations<Double>, _ places: UnsafeBufferPointer<Int32>,
    _ values: UnsafeBufferPointer<Double>, _ row: UnsafeMutablePointer<Double>,
    _ centre: UnsafePointer<Double>?
  ) {
    guard !places.isEmpty else { return clear(row) }
    let rank = layout.rank
    system.clear()
    for (place, value) in zip(places, values) {
      let (factor, target) = feature(place, value)
      system.feature.update(from: factor, count: rank)
      system.feature[rank] = layout.solvesBias ? 1 : 0
      system.add(weight: 1, target: target)
    }
    let weight = layout.weight(entries: places.count)
    if let centre { system.addRight(centre, count: rank, times: weight * layout.penalty) }
    // A trace of a penalty keeps the factor real when none is asked for.
    system.addDiagonal { place, own in
      if place < rank { return weight * layout.penalty + 1e-10 * (own + weight) }
      return layout.solvesBias ? weight * (layout.biasPenalty + 1e-10) : 1
    }
    let solution: UnsafePointer<Double>
    if layout.isNonnegative {
      solution = system.descend(from: row, and: row[layout.bias], nonnegative: rank)
    } else {
      solution = system.solve()
    }
    row.update(from: solution, count: rank)
    row[layout.bias] = layout.solvesBias ? solution[rank] : 0
  }
}
