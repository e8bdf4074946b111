import Matrices

/// The best rows of W for parts that stay as they are: what `transform` gives, and the last step of
/// a run that converged.
///
/// The squared error, the Kullback–Leibler divergence, β from 1 to 2 and huber are convex in a row, so
/// that there is one minimum to find. Other β may have several: codes are then found from a few
/// starts that depend on the row alone, and the best are taken; a run ends with the same ones, unless
/// its own are better.
struct NMFCodes {
  private let ht: Matrix
  private let options: NMFOptions

  init(_ ht: Matrix, _ options: NMFOptions) {
    self.ht = ht
    self.options = options
  }

  /// The codes of new rows, to rounding.
  func codes(of x: AnyMatrix, weights: AnyMatrix?) -> Matrix {
    if let scaling = NMFScaling(x, options, weights: weights) {
      let scaled = NMFCodes(ht * (1 / scaling.ofH), scaling.scaled(options))
      return scaled.codesInRange(of: scaling.scaled(x), weights: weights) * scaling.ofW
    }
    return codesInRange(of: x, weights: weights)
  }

  private func codesInRange(of x: AnyMatrix, weights: AnyMatrix?) -> Matrix {
    let x = Observations(x.converted(to: ht.precision), rank: ht.columns, weights: weights)
    switch options.loss {
    case .frobenius:
      return exact(Matrix.zeros(x.shape.rows, ht.columns, ht.precision).within(options.terms.w), x)
    case .kl: return newton(level(x), x)
    case .beta, .huber: return descended(nil, x)
    }
  }

  /// The best W that is reached from this one.
  func polished(_ w: Matrix, _ x: Observations) -> Matrix {
    switch options.loss {
    case .frobenius: exact(w, x)
    case .kl: newton(w, x)
    case .beta, .huber: descended(w, x)
    }
  }

  /// Rows of the same number in every component, with the sum of the row of X.
  func level(_ x: Observations) -> Matrix {
    let wanted = x.weighted.reduced(.sum, along: .columns).converted(to: .double)
    let all = x.linearOfRows(ht).converted(to: .double).reduced(.sum, along: .columns)
    let levels = Matrix.combine(.divide, wanted, all + Matrix.combine(.equal, all, 0))
    return levels.clamped(1e-6, .infinity).repeated(to: Shape(x.shape.rows, ht.columns))
      .converted(to: ht.precision).within(options.terms.w)
  }

  private func exact(_ w: Matrix, _ x: Observations) -> Matrix {
    let terms = options.terms.w
    let usesSweeps = terms.orthogonality > 0 || terms.areLimits && !terms.rowsSumToOne
    let sweeps = RowMethod.descent(sweeps: 5000, decay: ht.precision == .single ? 1e-6 : 1e-12)
    let codes = solved(w, x, by: usesSweeps ? sweeps : .exact)
    guard !usesSweeps, !terms.arePenalties, !terms.rowsSumToOne, ht.hasNearlyDependentColumns else {
      return codes
    }
    // What such parts leave of each other is lost in their squares, and exact steps may end anywhere.
    return best([codes, solved(codes, x, by: sweeps), w, solved(w, x, by: sweeps)], x)
  }

  private func solved(_ w: Matrix, _ x: Observations, by method: RowMethod) -> Matrix {
    var codes = w
    if let weights = x.entryWeights {
      _ = codes.solveRows(
        weights, of: ht, gram: ht.gram, target: x.times(ht), by: method, terms: options.terms.w)
    } else {
      _ = codes.solveRows(
        gram: ht.gram, target: x.times(ht), by: method, terms: options.terms.w)
    }
    return codes
  }

  /// Of several codes of every row those that cost least.
  private func best(_ codes: [Matrix], _ x: Observations) -> Matrix {
    let descent = CodeDescent(ht, options)
    var blocks: [Matrix] = []
    x.forBlocks { range in
      let own = x.full(range)
      let candidates = codes.map {
        descent.rows($0.rows(in: range), own.matrix.full, weights: own.weights?.full)
      }
      blocks.append(lowest(candidates).converted(to: ht.precision))
    }
    return .above(blocks)
  }

  /// Newton's step coordinate after coordinate is enough for rows of few elements and parts that have
  /// little in common; the others end with all coordinates at once. As many sweeps before cost what
  /// that does.
  private func newton(_ w: Matrix, _ x: Observations) -> Matrix {
    if let sparse = x.matrix.sparse {
      // Weights belong to elements that are not stored, too.
      if x.isPartial { return byCoordinates(w, x, sweeps: 500) }
      var codes = byCoordinates(w, x, sweeps: 100)
      let moving = moving(&codes, x)
      finish(&codes, moving, sparse)
      return codes
    }
    let descent = CodeDescent(ht, options)
    return inBlocks(x) { range, own in
      var codes = w.rows(in: range).clamped(leastEntry(ht.precision), .infinity)
      var moving = Array(0..<codes.rows)
      if own.density < 0.5 {
        codes = byCoordinates(codes, own, sweeps: max(16, ht.columns))
        moving = self.moving(&codes, own)
      }
      guard !moving.isEmpty else { return codes }
      let rows = descent.rows(
        codes.selecting(rows: moving), own.matrix.full.selecting(rows: moving),
        weights: own.weights?.full.selecting(rows: moving))
      codes.replace(
        rows: moving, columns: Array(0..<codes.columns),
        with: descent.improved(rows).w.converted(to: codes.precision))
      return codes
    }
  }

  /// The same for rows of a sparse X, a few at a time with the columns that one of them has. What zeros
  /// cost is linear in W: those of all other columns are one zero more, of what H sums to there.
  private func finish(_ codes: inout Matrix, _ moving: [Int], _ x: SparseMatrix) {
    guard !moving.isEmpty else { return }
    let sums = Matrix(row: ht.columnSums)
    let length = max(1, x.count / max(x.rows, 1))
    // Rows times their columns are some ten thousand elements.
    let step = max(8, Int((Double(1 << 15) / Double(length)).squareRoot()))
    for start in stride(from: 0, to: moving.count, by: step) {
      if Interrupt.abandonsKernels { return }
      let rows = Array(moving[start..<min(moving.count, start + step)])
      let own = x.selecting(rows: rows)
      let columns = own.reduced(.count, along: .rows).elements.enumerated()
        .filter { $0.element > 0 }.map(\.offset)
      let parts = ht.selecting(rows: columns).converted(to: .double)
      let others = (sums - Matrix(row: parts.columnSums)).clamped(0, .infinity)
      let descent = CodeDescent(.above([parts, others]), options)
      let known = Matrix.besides([
        own.selecting(columns: columns).full.converted(to: .double), .zeros(rows.count, 1),
      ])
      let found = descent.improved(
        descent.rows(codes.selecting(rows: rows), known, weights: nil))
      codes.replace(
        rows: rows, columns: Array(0..<codes.columns), with: found.w.converted(to: codes.precision)
      )
    }
  }

  /// The rows that one more sweep moves.
  private func moving(_ codes: inout Matrix, _ x: Observations) -> [Int] {
    // What sweeps end at, from a start that is far away.
    let stillness = ht.precision == .single ? 5e-6 : 5e-9
    let before = codes
    codes = byCoordinates(before, x, sweeps: 1)
    let (changes, squares) = (
      (codes - before).reduced(.sumOfSquares, along: .columns).elements,
      codes.reduced(.sumOfSquares, along: .columns).elements
    )
    return changes.indices.filter { changes[$0] > stillness * stillness * squares[$0] }
  }

  private func byCoordinates(_ w: Matrix, _ x: Observations, sweeps: Int) -> Matrix {
    var rule = NewtonDescent(x, start: NMFFactors(w: w, ht: ht), options)
    _ = rule.improveW(sweeps: sweeps, decay: ht.precision == .single ? 1e-6 : 1e-9)
    return rule.factors.w
  }

  /// Rows do not depend on each other; blocks of them keep memory in bounds.
  private func inBlocks(
    _ x: Observations, _ body: (Range<Int>, Observations) -> Matrix
  ) -> Matrix {
    var blocks: [Matrix] = []
    x.forBlocks { range in
      let own = Observations(
        x.matrix.slice(rows: range), rank: ht.columns, weights: x.weights?.slice(rows: range))
      blocks.append(body(range, own))
    }
    return .above(blocks)
  }

  private var isConvex: Bool {
    switch options.loss {
    case .frobenius, .kl, .huber: true
    case .beta(let beta): beta >= 1 && beta <= 2
    }
  }

  /// Codes for the losses that have no solver of their own, from W where it is known.
  private func descended(_ w: Matrix?, _ x: Observations) -> Matrix {
    let descent = CodeDescent(ht, options)
    var blocks: [Matrix] = []
    x.forBlocks { range in
      let own = x.full(range)
      let from = { (w: Matrix) in
        descent.improved(
          descent.rows(w.within(options.terms.w), own.matrix.full, weights: own.weights?.full))
      }
      let given = w?.rows(in: range)
      if isConvex {
        blocks.append(from(given ?? level(own)).w.converted(to: ht.precision))
        return
      }
      var best = starts(own).map(from)
      if let given { best.append(from(given)) }
      blocks.append(lowest(best).converted(to: ht.precision))
    }
    return .above(blocks)
  }

  /// Where a row may start whose loss is not convex: at its level, and at its codes under the nearest
  /// loss that is.
  private func starts(_ x: Observations) -> [Matrix] {
    var convex = options
    convex.loss = if case .beta(let beta) = options.loss, beta > 2 { .frobenius } else { .kl }
    let near = NMFCodes(ht, convex)
    let level = level(x)
    let nearby = near.polished(level, x)
    // A zero that stays one would be no start.
    let small = 1e-3 * level
    return [level, Matrix.combine(.maximum, nearby, small)]
  }

  /// The row that costs least, row by row; of equal ones the first.
  private func lowest(_ candidates: [CodeDescent.Rows]) -> Matrix {
    var result = candidates[0].w
    var costs = candidates[0].costs
    for candidate in candidates.dropFirst() {
      let better = costs.indices.filter {
        candidate.costs[$0] < costs[$0] - 1e-9 * abs(costs[$0])
      }
      if better.isEmpty { continue }
      result.replace(
        rows: better, columns: Array(0..<result.columns),
        with: candidate.w.selecting(rows: better))
      for row in better { costs[row] = candidate.costs[row] }
    }
    return result
  }
}

extension Matrix {
  /// Whether some column is nearly made of others: to half of the digits, which squares lose.
  var hasNearlyDependentColumns: Bool {
    let gram = gram.converted(to: .double)
    let used = (0..<columns).filter { gram[$0, $0] > 0 }
    let lengths = Matrix(column: used.map { gram[$0, $0].squareRoot() })
    let angles = gram.selecting(rows: used).selecting(columns: used)
      .over(lengths * lengths.transposed)
    guard let least = try? angles.eigen().values.elements.first else { return false }
    return least < precision.epsilon.squareRoot()
  }
}
