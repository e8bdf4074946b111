import Matrices
import Training

/// `½‖X − W₁ W₂ … W_L H‖²` with every factor at least 0: layer by layer first (Trigeorgis et al., ICML
/// 2014), then all of them against X itself (De Handschutter, Gillis & Siebert, Comput. Sci. Rev. 42,
/// 2021), so that the error is that of the whole product, which never rises.
package struct DeepProcess: TrainingProcess {
  private let x: Observations
  private let ranks: [Int]
  private let iterations: Int
  private let tolerance: Double
  private let seed: Int
  private let control: TrainingControl

  /// W₁ … W_L; empty before the first step.
  package private(set) var layers: [Matrix] = []
  /// The deepest parts as columns: n×r_L.
  package private(set) var ht = Matrix.zeros(0, 0)
  /// The relative error of every layer on its own, from the first stage.
  package private(set) var pretrained: [Double] = []
  /// The relative error and the largest change of every step.
  package private(set) var errors: [Double] = []
  package private(set) var updates: [Double] = []
  private var calm = 0

  /// Sweeps over a factor for one product.
  private static let sweeps = 3

  package init(
    _ x: Matrix, ranks: [Int], iterations: Int, tolerance: Double, seed: Int,
    control: TrainingControl
  ) {
    self.x = Observations(x, rank: ranks.first ?? 1)
    self.ranks = ranks
    self.iterations = iterations
    self.tolerance = tolerance
    self.seed = seed
    self.control = control
  }

  package var plan: TrainingPlan {
    TrainingPlan(
      "deep nmf \(x.shape), ranks \(ranks.map(String.init).joined(separator: ", "))",
      unit: .iteration, total: iterations, objective: "relative error",
      metrics: ["largest update"])
  }

  package mutating func step(_ index: Int, _ monitor: TrainingMonitor) throws -> TrainingProgress {
    if layers.isEmpty {
      try pretrain()
      if monitor.isStopRequested { return TrainingProgress(objective: .nan) }
    }
    let (layersBefore, htBefore) = (layers, ht)
    guard let (loss, change) = tune(monitor) else {
      (layers, ht) = (layersBefore, htBefore)
      return TrainingProgress(objective: .nan)
    }
    let error = x.squares > 0 ? (2 * loss / x.squares).squareRoot() : 0
    errors.append(error)
    updates.append(change)
    calm = change <= tolerance || loss == 0 ? calm + 1 : 0
    return TrainingProgress(
      objective: error, metrics: [change], end: calm >= 2 && tolerance > 0 ? .converged : nil)
  }

  package func picture() -> FactorPicture? {
    layers.isEmpty
      ? nil : FactorPicture(title: "deepest parts", rows: ht.transposed, isSigned: false)
  }

  /// Factorizes X, then its parts, then theirs.
  private mutating func pretrain() throws {
    var rest = x.matrix.full
    for (number, rank) in ranks.enumerated() {
      var options = NMFOptions(rank: rank)
      options.seed = seed &+ number
      options.iterations = 100
      if rank > min(rest.rows, rest.columns) { options.start = .random }
      let model = try NMFModel.once(
        .dense(rest), options, loop: .within(control), start: nil, weights: nil)
      pretrained.append(model.error)
      layers.append(model.w)
      ht = model.ht
      rest = model.h.rowMajor()
    }
  }

  /// Every factor once against X, with the others as they are.
  private mutating func tune(_ monitor: TrainingMonitor) -> (loss: Double, change: Double)? {
    // after[l] = W_{l+1} … H, rows for the columns of W_l.
    var after = [ht.transposed.rowMajor()]
    for layer in layers.dropFirst().reversed() { after.append(layer * after[after.count - 1]) }
    after.reverse()
    var change = 0.0
    let first = layers[0].descend(
      gram: after[0] * after[0].transposed, target: x.times(after[0].transposed),
      sweeps: Self.sweeps, decay: 0.1)
    change = first.largestChange
    var before = layers[0]
    for place in layers.indices.dropFirst() {
      if monitor.isStopRequested { return nil }
      let old = layers[place]
      let across = x.transposedTimes(before).transposed
      layers[place].descendBetween(
        left: before.gram, right: after[place] * after[place].transposed,
        target: across * after[place].transposed, sweeps: Self.sweeps)
      change = max(change, layers[place].change(from: old))
      before = before * layers[place]
    }
    if monitor.isStopRequested { return nil }
    let (gram, target) = (before.gram, x.transposedTimes(before))
    let last = ht.descend(gram: gram, target: target, sweeps: Self.sweeps, decay: 0.1)
    change = max(change, last.largestChange)
    let twice = x.squares - 2 * target.dot(ht) + gram.dot(ht.gram)
    let trusted = (x.precision == .single ? 1e-5 : 1e-12) * x.squares
    let loss = twice > trusted ? twice : x.squaredResidual(NMFFactors(w: before, ht: ht))
    return (max(0, loss) / 2, change)
  }

  /// The factors with columns of W that sum to 1; the sizes go into H.
  package mutating func finish() throws -> (layers: [Matrix], ht: Matrix) {
    if layers.isEmpty { try pretrain() }
    var scales = [Double](repeating: 1, count: layers[0].rows)
    var result: [Matrix] = []
    for (place, layer) in layers.enumerated() {
      var scaled = layer
      if place > 0 {
        scaled = Matrix.combine(
          .multiply, layer, Matrix(column: scales).converted(to: layer.precision))
      }
      scales = scaled.columnSums.map { $0 > 0 ? $0 : 1 }
      result.append(
        Matrix.combine(.divide, scaled, Matrix(row: scales).converted(to: layer.precision)))
    }
    return (
      result, Matrix.combine(.multiply, ht, Matrix(row: scales).converted(to: ht.precision))
    )
  }

  /// `‖X − W Hᵀ‖²`.
  package func squaredResidual(_ w: Matrix, _ ht: Matrix) -> Double {
    x.squaredResidual(NMFFactors(w: w, ht: ht))
  }
}

extension Matrix {
  /// Lowers `½ tr(P Z Q Zᵀ) − ⟨T, Z⟩` over Z ≥ 0, which is `½‖X − A Z C‖²` for `P = AᵀA`, `Q = CCᵀ`,
  /// `T = AᵀXCᵀ`: a row of Z after the other, each by coordinate descent.
  package mutating func descendBetween(left: Matrix, right: Matrix, target: Matrix, sweeps: Int) {
    for row in 0..<rows {
      let weight = left[row, row]
      guard weight > 0 else { continue }
      var own = rows(in: row..<row + 1)
      // What the other rows leave for this one.
      let others = left.rows(in: row..<row + 1) * self - weight * own
      let rest = target.rows(in: row..<row + 1) - others * right
      own.detach()
      _ = own.descend(gram: weight * right, target: rest, sweeps: sweeps, decay: 0.1)
      replace(rows: [row], columns: Array(0..<columns), with: own)
    }
  }
}
