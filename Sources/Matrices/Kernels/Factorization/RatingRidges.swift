/// Ratings line by line: one ridge regression for every user or item.
extension ObservedEntries {
  /// Solves one ridge regression a row: see `Kernels.solveRidges`. Penalties are for the distance
  /// from `centre`, a row of `rank` numbers each, where there is one.
  package func solveRows(
    _ own: inout Matrix, _ other: Matrix, _ ridge: RidgeLayout, around centre: Matrix? = nil
  ) {
    Kernels.solveRidges(byRows, &own, other, ridge, centre)
  }

  /// Solves one ridge regression a column.
  package func solveColumns(_ own: inout Matrix, _ other: Matrix, _ ridge: RidgeLayout) {
    Kernels.solveRidges(byColumns, &own, other, ridge, nil)
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
    _ centre: Matrix?
  ) {
    precondition(own.columns == layout.rank + 2 && other.columns == own.columns)
    let columns = own.columns
    let count = own.rows
    let other = other.rowMajor()
    let centre = centre?.converted(to: .double).rowMajor()
    precondition(centre.map { $0.shape == Shape(count, layout.rank) } ?? true)
    own.write(Double.self) { target in
      other.read(Double.self) { source in
        ThreadPool.shared.run(count, by: max(1, (count + 63) / 64)) { range in
          let side = RidgeSide(source: source, columns: columns, layout: layout)
          if let steps = layout.steps {
            let search = RidgeGradients(side, steps: steps)
            defer { search.deallocate() }
            for line in range where !Interrupt.abandonsKernels {
              lines.withEntries(of: line) { search.solve($0, $1, target + line * columns) }
            }
          } else {
            var system = NormalEquations<Double>(size: layout.rank + 1)
            defer { system.deallocate() }
            for line in range where !Interrupt.abandonsKernels {
              lines.withEntries(of: line) { places, values in
                let row = target + line * columns
                guard let centre else { return side.solve(&system, places, values, row, nil) }
                centre.read(Double.self) {
                  side.solve(&system, places, values, row, $0 + line * layout.rank)
                }
              }
            }
          }
        }
      }
    }
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

/// Conjugate gradients on the normal equations of a line, which are never formed: for each step the
/// entries are walked once (Takács, Pilászy & Tikk, RecSys 2011).
private struct RidgeGradients {
  let side: RidgeSide
  let steps: Int
  private let memory: UnsafeMutablePointer<Double>

  init(_ side: RidgeSide, steps: Int) {
    self.side = side
    self.steps = steps
    memory = .allocate(capacity: 4 * (side.layout.rank + 1))
  }

  func deallocate() { memory.deallocate() }

  func solve(
    _ places: UnsafeBufferPointer<Int32>, _ values: UnsafeBufferPointer<Double>,
    _ row: UnsafeMutablePointer<Double>
  ) {
    guard !places.isEmpty else { return side.clear(row) }
    let layout = side.layout
    let rank = layout.rank
    let size = rank + 1
    let (x, rest, direction, image) = (memory, memory + size, memory + 2 * size, memory + 3 * size)
    x.update(from: row, count: rank)
    x[rank] = layout.solvesBias ? row[layout.bias] : 0
    let weight = layout.weight(entries: places.count)
    apply(places, values, weight, UnsafePointer(x), isRest: true, into: rest)
    direction.update(from: rest, count: size)
    var square = dotProduct(UnsafePointer(rest), UnsafePointer(rest), size)
    for _ in 0..<steps where square > 1e-28 {
      apply(places, values, weight, UnsafePointer(direction), isRest: false, into: image)
      let length = square / dotProduct(UnsafePointer(direction), UnsafePointer(image), size)
      guard length.isFinite else { break }
      addProduct(length, UnsafePointer(direction), to: x, size)
      addProduct(-length, UnsafePointer(image), to: rest, size)
      let next = dotProduct(UnsafePointer(rest), UnsafePointer(rest), size)
      let share = next / square
      for i in 0..<size { direction[i] = rest[i] + share * direction[i] }
      square = next
    }
    row.update(from: UnsafePointer(x), count: rank)
    row[layout.bias] = layout.solvesBias ? x[rank] : 0
  }

  /// `A x`, or the rest `b − A x`.
  @inline(__always)
  private func apply(
    _ places: UnsafeBufferPointer<Int32>, _ values: UnsafeBufferPointer<Double>,
    _ weight: Double, _ x: UnsafePointer<Double>, isRest: Bool,
    into y: UnsafeMutablePointer<Double>
  ) {
    let layout = side.layout
    let rank = layout.rank
    let sign: Double = isRest ? -1 : 1
    for i in 0..<rank { y[i] = sign * weight * (layout.penalty + 1e-10) * x[i] }
    y[rank] = sign * weight * (layout.biasPenalty + 1e-10) * x[rank]
    for (place, value) in zip(places, values) {
      let (factor, target) = side.feature(place, value)
      let product = dotProduct(factor, x, rank) + x[rank]
      let share = isRest ? target - product : product
      addProduct(share, factor, to: y, rank)
      if layout.solvesBias { y[rank] += share }
    }
    if !layout.solvesBias { y[rank] = sign * x[rank] }
  }
}
