import Matrices

/// The best rows of W for parts that stay as they are: what `transform` gives, and the last step of
/// a run that converged.
struct NMFCodes {
  private let ht: Matrix
  private let options: NMFOptions

  init(_ ht: Matrix, _ options: NMFOptions) {
    self.ht = ht
    self.options = options
  }

  /// The codes of new rows. The squared error has an exact solution, the Kullback–Leibler divergence
  /// is followed to rounding; other losses are followed until they are still.
  func codes(of x: AnyMatrix, weights: AnyMatrix?) -> Matrix {
    if let scaling = NMFScaling(x, options, weights: weights) {
      let scaled = NMFCodes(ht * (1 / scaling.ofH), scaling.scaled(options))
      return scaled.codesInRange(of: scaling.scaled(x), weights: weights) * scaling.ofW
    }
    return codesInRange(of: x, weights: weights)
  }

  private func codesInRange(of x: AnyMatrix, weights: AnyMatrix?) -> Matrix {
    let x = Observations(x.converted(to: ht.precision), rank: ht.columns, weights: weights)
    return polished(start(x), x)
  }

  /// Where codes start: zeros for exact methods, else the level of X.
  private func start(_ x: Observations) -> Matrix {
    guard !options.loss.isSquared else {
      return Matrix.zeros(x.shape.rows, ht.columns, ht.precision).within(options.terms.w)
    }
    let sums = ht.total(.sum)
    let level = sums > 0 ? max(x.mean * Double(x.shape.columns) / sums, 1e-6) : 1
    return .filled(x.shape.rows, ht.columns, with: level, ht.precision).within(options.terms.w)
  }

  /// The best W that is reached from this one.
  func polished(_ w: Matrix, _ x: Observations) -> Matrix {
    switch options.loss {
    case .frobenius: return exact(w, x)
    case .kl: return newton(w, x)
    case .beta, .huber:
      var rule = DivergenceUpdates(x, start: NMFFactors(w: w, ht: ht), options)
      for _ in 0..<1000 {
        let old = rule.factors.w
        rule.improveW()
        if rule.factors.w.change(from: old) <= 1e-6 { break }
      }
      return rule.factors.w
    }
  }

  private func exact(_ w: Matrix, _ x: Observations) -> Matrix {
    let terms = options.terms.w
    let decay = ht.precision == .single ? 1e-6 : 1e-12
    let method: RowMethod =
      terms.orthogonality > 0 || terms.areLimits && !terms.rowsSumToOne
      ? .descent(sweeps: 5000, decay: decay) : .exact
    var codes = w
    if let weights = x.entryWeights {
      _ = codes.solveRows(
        weights, of: ht, gram: ht.gram, target: x.times(ht),
        by: method, terms: terms)
    } else {
      _ = codes.solveRows(gram: ht.gram, target: x.times(ht), by: method, terms: terms)
    }
    return codes
  }

  private func newton(_ w: Matrix, _ x: Observations) -> Matrix {
    let best = { (w: Matrix, x: Observations) in
      var rule = NewtonDescent(x, start: NMFFactors(w: w, ht: ht), options)
      _ = rule.improveW(sweeps: 500, decay: ht.precision == .single ? 1e-6 : 1e-9)
      return rule.factors.w
    }
    if x.matrix.sparse != nil { return best(w, x) }
    // Rows do not depend on each other; blocks of them keep memory in bounds.
    var blocks: [Matrix] = []
    x.forBlocks { range in
      let own = Observations(
        x.matrix.slice(rows: range), rank: ht.columns, weights: x.weights?.slice(rows: range))
      blocks.append(best(w.rows(in: range), own))
    }
    return .above(blocks)
  }
}
