extension Block {
  // MARK: Columns of a batch

  /// Describes the columns of some rows: their count, the means, and the sums of the squared
  /// distances from them (1×(2n + 1)).
  package func moments(of x: Block) {
    switch precision {
    case .double: moments(x, Double.self)
    case .single: moments(x, Float.self)
    }
  }

  private func moments<S: Scalar>(_ x: Block, _: S.Type) {
    let (into, width) = (pointer(S.self), x.columns)
    let (means, squares) = (into + 1, into + 1 + width)
    into.update(repeating: 0, count: 2 * width + 1)
    into[0] = S(x.rows)
    for row in 0..<x.rows { Kernels.merge(means, x.row(row, S.self), width, +) }
    let share = S.Vector(repeating: 1 / S(max(x.rows, 1)))
    Kernels.transform(means, width) { $0 * share }
    for row in 0..<x.rows {
      let values = UnsafePointer(x.row(row, S.self))
      var i = 0
      while i < width {
        let lanes = min(S.Vector.scalarCount, width - i)
        let distance =
          loadPart(values, i, lanes) - loadPart(UnsafePointer(means), i, lanes)
        storePart(
          loadPart(UnsafePointer(squares), i, lanes).addingProduct(distance, distance), squares, i,
          lanes)
        i += lanes
      }
    }
  }

  /// Joins such descriptions, one a row (Chan, Golub & LeVeque 1983), into the count, the means and
  /// `1 / √(variance + epsilon)`. Moves running means and variances, two rows, a part of the way.
  package func joinMoments(_ pieces: Block, epsilon: Double, running: Block, part: Double) {
    switch precision {
    case .double: joinMoments(pieces, epsilon, running, part, Double.self)
    case .single: joinMoments(pieces, epsilon, running, part, Float.self)
    }
  }

  private func joinMoments<S: Scalar>(
    _ pieces: Block, _ epsilon: Double, _ running: Block, _ part: Double, _: S.Type
  ) {
    let width = running.columns
    let into = pointer(S.self)
    let (means, variances) = (running.row(0, S.self), running.row(1, S.self))
    var total = 0.0
    for piece in 0..<pieces.rows { total += Double(pieces.row(piece, S.self)[0]) }
    into[0] = S(total)
    for column in 0..<width {
      var (count, mean, square) = (0.0, 0.0, 0.0)
      for piece in 0..<pieces.rows {
        let found = pieces.row(piece, S.self)
        let (own, value) = (Double(found[0]), Double(found[1 + column]))
        let distance = value - mean
        let joined = count + own
        mean += distance * own / joined
        square += Double(found[1 + width + column]) + distance * distance * count * own / joined
        count = joined
      }
      into[1 + column] = S(mean)
      into[1 + width + column] = S(1 / (square / total + epsilon).squareRoot())
      means[column] += S(part) * (S(mean) - means[column])
      variances[column] += S(part) * (S(square / max(total - 1, 1)) - variances[column])
    }
  }

  /// `self ← γ (x − mean) · inverse + β`; all but x and this block are rows.
  package func normalize(_ x: Block, mean: Block, inverse: Block, scale: Block, shift: Block) {
    switch precision {
    case .double: normalize(x, mean, inverse, scale, shift, Double.self)
    case .single: normalize(x, mean, inverse, scale, shift, Float.self)
    }
  }

  private func normalize<S: Scalar>(
    _ x: Block, _ mean: Block, _ inverse: Block, _ scale: Block, _ shift: Block, _: S.Type
  ) {
    let (m, v) = (UnsafePointer(mean.pointer(S.self)), UnsafePointer(inverse.pointer(S.self)))
    let (g, b) = (UnsafePointer(scale.pointer(S.self)), UnsafePointer(shift.pointer(S.self)))
    for row in 0..<rows {
      let (from, into) = (UnsafePointer(x.row(row, S.self)), self.row(row, S.self))
      var i = 0
      while i < columns {
        let lanes = min(S.Vector.scalarCount, columns - i)
        let value = (loadPart(from, i, lanes) - loadPart(m, i, lanes)) * loadPart(v, i, lanes)
        storePart(
          loadPart(b, i, lanes).addingProduct(loadPart(g, i, lanes), value), into, i, lanes)
        i += lanes
      }
    }
  }

  /// Writes `1 / √(x + epsilon)` of a row.
  package func inverseRoots(of x: Block, epsilon: Double) {
    switch precision {
    case .double: inverseRoots(x, epsilon, Double.self)
    case .single: inverseRoots(x, epsilon, Float.self)
    }
  }

  private func inverseRoots<S: Scalar>(_ x: Block, _ epsilon: Double, _: S.Type) {
    let (from, into) = (x.pointer(S.self), pointer(S.self))
    for i in 0..<columns { into[i] = S(1 / (Double(from[i]) + epsilon).squareRoot()) }
  }

  /// Adds up `dy ∘ x̂` and `dy` over the rows, into the two rows of this block.
  package func addSlopes(_ dy: Block, x: Block, mean: Block, inverse: Block) {
    switch precision {
    case .double: addSlopes(dy, x, mean, inverse, Double.self)
    case .single: addSlopes(dy, x, mean, inverse, Float.self)
    }
  }

  private func addSlopes<S: Scalar>(
    _ dy: Block, _ x: Block, _ mean: Block, _ inverse: Block, _: S.Type
  ) {
    let (m, v) = (UnsafePointer(mean.pointer(S.self)), UnsafePointer(inverse.pointer(S.self)))
    let (products, sums) = (self.row(0, S.self), self.row(1, S.self))
    for row in 0..<dy.rows {
      let (d, from) = (UnsafePointer(dy.row(row, S.self)), UnsafePointer(x.row(row, S.self)))
      var i = 0
      while i < columns {
        let lanes = min(S.Vector.scalarCount, columns - i)
        let slope = loadPart(d, i, lanes)
        let value = (loadPart(from, i, lanes) - loadPart(m, i, lanes)) * loadPart(v, i, lanes)
        storePart(
          loadPart(UnsafePointer(products), i, lanes).addingProduct(slope, value), products, i,
          lanes)
        storePart(loadPart(UnsafePointer(sums), i, lanes) + slope, sums, i, lanes)
        i += lanes
      }
    }
  }

  /// `dx = γ · inverse · (dy − Σdy / n − x̂ Σ(dy ∘ x̂) / n)`, with the sums over n rows in `slopes`.
  package func normalizeGradient(
    _ dy: Block, x: Block, mean: Block, inverse: Block, scale: Block, slopes: Block, count: Block
  ) {
    switch precision {
    case .double: normalizeGradient(dy, x, mean, inverse, scale, slopes, count, Double.self)
    case .single: normalizeGradient(dy, x, mean, inverse, scale, slopes, count, Float.self)
    }
  }

  private func normalizeGradient<S: Scalar>(
    _ dy: Block, _ x: Block, _ mean: Block, _ inverse: Block, _ scale: Block, _ slopes: Block,
    _ count: Block, _: S.Type
  ) {
    let (m, v) = (UnsafePointer(mean.pointer(S.self)), UnsafePointer(inverse.pointer(S.self)))
    let g = UnsafePointer(scale.pointer(S.self))
    let (products, sums) = (
      UnsafePointer(slopes.row(0, S.self)), UnsafePointer(slopes.row(1, S.self))
    )
    let share = S.Vector(repeating: 1 / count.pointer(S.self)[0])
    for row in 0..<rows {
      let (d, from) = (UnsafePointer(dy.row(row, S.self)), UnsafePointer(x.row(row, S.self)))
      let into = self.row(row, S.self)
      var i = 0
      while i < columns {
        let lanes = min(S.Vector.scalarCount, columns - i)
        let wide = loadPart(v, i, lanes)
        let value = (loadPart(from, i, lanes) - loadPart(m, i, lanes)) * wide
        let rest =
          loadPart(d, i, lanes) - share * loadPart(sums, i, lanes)
          - value * (share * loadPart(products, i, lanes))
        storePart(loadPart(g, i, lanes) * wide * rest, into, i, lanes)
        i += lanes
      }
    }
  }

  // MARK: Rows

  /// Layer normalization of every row: `y = γ (x − mean) / √(variance + epsilon) + β`. Keeps mean
  /// and inverse root of a row in `kept` (n×2).
  package func normalizeRows(_ x: Block, scale: Block, shift: Block, epsilon: Double, kept: Block) {
    switch precision {
    case .double: normalizeRows(x, scale, shift, epsilon, kept, Double.self)
    case .single: normalizeRows(x, scale, shift, epsilon, kept, Float.self)
    }
  }

  private func normalizeRows<S: Scalar>(
    _ x: Block, _ scale: Block, _ shift: Block, _ epsilon: Double, _ kept: Block, _: S.Type
  ) {
    let (g, b) = (scale.pointer(S.self), shift.pointer(S.self))
    for row in 0..<rows {
      let (from, into) = (x.row(row, S.self), self.row(row, S.self))
      var sum = 0.0
      for i in 0..<columns { sum += Double(from[i]) }
      let mean = sum / Double(columns)
      var square = 0.0
      for i in 0..<columns {
        let distance = Double(from[i]) - mean
        square.addProduct(distance, distance)
      }
      let (m, v) = (S(mean), S(1 / (square / Double(columns) + epsilon).squareRoot()))
      kept.row(row, S.self)[0] = m
      kept.row(row, S.self)[1] = v
      for i in 0..<columns { into[i] = b[i].addingProduct(g[i], (from[i] - m) * v) }
    }
  }

  /// The way back: writes `dx` into this block, where wanted, and adds to the two rows of
  /// `gradient`, those of γ and β.
  package static func normalizeRowsGradient(
    _ dy: Block, x: Block, scale: Block, kept: Block, into dx: Block?, gradient: Block
  ) {
    switch dy.precision {
    case .double: rowsGradient(dy, x, scale, kept, dx, gradient, Double.self)
    case .single: rowsGradient(dy, x, scale, kept, dx, gradient, Float.self)
    }
  }

  private static func rowsGradient<S: Scalar>(
    _ dy: Block, _ x: Block, _ scale: Block, _ kept: Block, _ dx: Block?, _ gradient: Block,
    _: S.Type
  ) {
    let g = scale.pointer(S.self)
    let (dScale, dShift) = (gradient.row(0, S.self), gradient.row(1, S.self))
    let width = dy.columns
    for row in 0..<dy.rows {
      let (d, from) = (dy.row(row, S.self), x.row(row, S.self))
      let (m, v) = (kept.row(row, S.self)[0], kept.row(row, S.self)[1])
      var (sum, product) = (S(0), S(0))
      for i in 0..<width {
        let value = (from[i] - m) * v
        dScale[i].addProduct(d[i], value)
        dShift[i] += d[i]
        sum += d[i] * g[i]
        product.addProduct(d[i] * g[i], value)
      }
      guard let into = dx?.row(row, S.self) else { continue }
      let share = 1 / S(width)
      for i in 0..<width {
        let value = (from[i] - m) * v
        into[i] = v * (d[i] * g[i] - share * sum - value * (share * product))
      }
    }
  }

  // MARK: Tables

  /// The rows of a table that the numbers of `tokens` name, counted from 1, side by side.
  package func lookUp(_ tokens: Block, in table: Block) {
    switch precision {
    case .double: lookUp(tokens, table, Double.self)
    case .single: lookUp(tokens, table, Float.self)
    }
  }

  private func lookUp<S: Scalar>(_ tokens: Block, _ table: Block, _: S.Type) {
    for row in 0..<rows {
      let (from, into) = (tokens.row(row, S.self), self.row(row, S.self))
      for place in 0..<tokens.columns {
        let index = min(max(Int(from[place]), 1), table.rows) - 1
        (into + place * table.columns).update(from: table.row(index, S.self), count: table.columns)
      }
    }
  }

  /// The derivative in a range of the rows of a table: every use adds its own, in order.
  package func sumUses(_ dy: Block, tokens: Block, of range: Range<Int>) {
    switch precision {
    case .double: sumUses(dy, tokens, range, Double.self)
    case .single: sumUses(dy, tokens, range, Float.self)
    }
  }

  private func sumUses<S: Scalar>(
    _ dy: Block, _ tokens: Block, _ range: Range<Int>, _: S.Type
  ) {
    fill(0)
    for row in 0..<dy.rows {
      let (d, names) = (dy.row(row, S.self), tokens.row(row, S.self))
      for place in 0..<tokens.columns {
        let index = Int(names[place]) - 1
        if range.contains(index) {
          Kernels.merge(
            self.row(index - range.lowerBound, S.self), d + place * columns, columns
          ) { $0 + $1 }
        }
      }
    }
  }
}
