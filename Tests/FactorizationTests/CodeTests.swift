import Factorization
import Matrices
import Testing
import Training

/// The codes of rows for parts that stay as they are: the minimum itself, for every loss.
@Suite struct CodeTests {
  private static let losses: [NMFLoss] = [
    .frobenius, .kl, .beta(-1), .beta(0), .beta(0.5), .beta(1.3), .beta(1.7), .beta(3),
    .huber(nil), .huber(0.1),
  ]

  private let x = Planted.matrix(60, 30, rank: 4, seed: 81, noise: 0.3) + 0.05

  /// The derivative of the loss and of the penalties in W, from the formulas of the entries.
  private func slope(_ model: NMFModel, _ w: Matrix, _ x: Matrix, weights: Matrix? = nil) -> Matrix
  {
    let y = w * model.h
    var inner = Matrix.zeros(x.rows, x.columns)
    for i in 0..<x.rows {
      for j in 0..<x.columns {
        let (a, b) = (x[i, j], y[i, j])
        let own =
          switch model.options.loss {
          case .frobenius: b - a
          case .kl: 1 - a / b
          case .beta(let beta):
            Matrix.combine(.power, b, Matrix(beta - 2))[0, 0] * (b - a)
          case .huber(let delta): max(-(delta ?? 0), min(delta ?? 0, b - a))
          }
        inner[i, j] = (weights?[i, j] ?? 1) == 0 ? 0 : own * (weights?[i, j] ?? 1)
      }
    }
    return inner * model.ht + model.options.terms.w.slope(w)
  }

  /// How far the conditions of a minimum over W ≥ 0 are from holding, as a part of the largest slope
  /// of a single entry.
  private func violation(_ model: NMFModel, _ w: Matrix, _ x: Matrix, weights: Matrix? = nil)
    -> Double
  {
    let slope = slope(model, w, x, weights: weights)
    let scale = self.slope(model, 0.5 * w + 1e-3, x, weights: weights).mapped(.abs)
      .total(.maximum)
    var worst = 0.0
    for (value, slope) in zip(w.elements, slope.elements) {
      worst = max(worst, value > 1e-9 ? abs(slope) : -slope)
    }
    return worst / scale
  }

  @Test(arguments: losses) func theConditionsOfAMinimumHold(_ loss: NMFLoss) throws {
    let model = try fitted(x, rank: 4, iterations: 60) { $0.loss = loss }
    let new = Planted.matrix(40, 30, rank: 5, seed: 82, noise: 0.4) + 0.02
    #expect(violation(model, model.codes(of: new), new) < 1e-6)
    var weights = Matrix.ones(40, 30)
    for i in 0..<40 { for j in 0..<30 where (i * 7 + j * 3) % 5 == 0 { weights[i, j] = 0 } }
    weights[3, 4] = 2.5
    #expect(violation(model, model.codes(of: new, weights: weights), new, weights: weights) < 1e-6)
    let regular = try fitted(x, rank: 4, iterations: 60) {
      $0.loss = loss
      ($0.terms.w.l1, $0.terms.w.l2) = (0.1, 0.2)
    }
    #expect(violation(regular, regular.codes(of: new), new) < 1e-6)
  }

  @Test(arguments: losses) func trainingDataGiveBackTheCodes(_ loss: NMFLoss) throws {
    for precision in [Precision.double, .single] {
      let x = x.converted(to: precision)
      let model = try fitted(x, rank: 4, iterations: 50_000, tolerance: 1e-3) { $0.loss = loss }
      #expect(model.reason == .converged)
      let tolerance = precision == .double ? 1e-7 : 1e-4
      #expect(
        model.codes(of: x).isClose(to: model.w, relative: tolerance, absolute: tolerance))
    }
  }

  @Test(arguments: losses) func aRowHasTheSameCodesAloneAndAmongOthers(_ loss: NMFLoss) throws {
    let model = try fitted(x, rank: 4, iterations: 60) { $0.loss = loss }
    let all = model.codes(of: x)
    for row in [0, 17, 59] {
      let alone = model.codes(of: x.rows(in: row..<row + 1))
      #expect(
        alone.isClose(to: all.rows(in: row..<row + 1), relative: 1e-6, absolute: 1e-8))
    }
  }

  @Test(arguments: [NMFLoss.beta(1.5), .huber(0.2)])
  func aSparseMatrixHasTheCodesOfTheFullOne(_ loss: NMFLoss) throws {
    let full = (Planted.matrix(60, 30, rank: 4, seed: 83) - 0.4).clamped(0, .infinity)
    let model = try fitted(full, rank: 4, iterations: 60) { $0.loss = loss }
    let codes = model.codes(of: .sparse(SparseMatrix(full)), weights: nil)
    #expect(codes.isClose(to: model.codes(of: full), relative: 1e-9, absolute: 1e-12))
  }

  /// A row of one or two elements is best explained by one part, and sweeps get there slowly.
  @Test func shortRowsOfASparseMatrixEndWhereFullOnesDo() throws {
    let model = try fitted(x, rank: 4, iterations: 60) { $0.loss = .kl }
    var random = Random(seed: 84)
    let kept = Matrix.combine(.less, random.uniform(50, 30), 0.06).converted(to: .double)
    let new = random.uniform(50, 30).times(kept)
    let codes = model.codes(of: .sparse(SparseMatrix(new)), weights: nil)
    #expect(violation(model, codes, new) < 1e-6)
    let costs = [codes, model.codes(of: new)].map {
      Matrix.rowDivergences(.beta(1), x: new, y: $0 * model.h, weights: nil)
    }
    #expect(zip(costs[0], costs[1]).allSatisfy { abs($0 - $1) < 1e-9 })
  }
}
