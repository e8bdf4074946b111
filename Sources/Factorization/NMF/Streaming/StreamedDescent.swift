import Matrices
import Training
import Vocabulary

/// `½‖X − WH‖²` for rows that are looked at in blocks, in one pass an iteration.
///
/// Without batches a pass finds W block by block for the H before it, sums `A = WᵀW` and
/// `B = XᵀW` on the way, and ends with H from these: coordinate descent as on the whole of X, which
/// never raises the loss. With batches H moves after each of them, from `A ← ρA + wᵀw`,
/// `B ← ρB + xᵀw` (online learning: Mairal, Bach, Ponce & Sapiro, JMLR 11, 2010; as MiniBatchNMF of
/// scikit-learn), where ρ is `forget` to the power of the batch's part of all rows.
///
/// Memory beyond X: `(m + 4n) k` numbers, and a few blocks of about a million, or of a batch.
struct StreamedDescent<Rows: RowBlocks>: TrainingProcess {
  let rows: Rows
  let census: RowCensus
  let options: NMFOptions
  let batch: Int?
  private let forget: Double
  private(set) var w: Matrix
  private(set) var ht: Matrix
  /// `WᵀW` and `XᵀW` of what was seen, the older the less.
  private var gram: Matrix
  private var cross: Matrix
  private(set) var advances: [NMFAdvance] = []
  private var calm = 0
  private var still = 0

  /// Sweeps of H, which cost little next to a pass.
  private static var sweepsOfH: Int { 20 }

  init(
    _ rows: Rows, _ options: NMFOptions, census: RowCensus, start: NMFFactors, batch: Int?,
    forget: Double, continues prior: NMFFactors?
  ) {
    self.rows = rows
    self.census = census
    self.options = options
    self.batch = batch
    self.forget = forget
    let start = start.within(options.terms)
    (w, ht) = (start.w, start.ht)
    gram = .zeros(options.rank, options.rank)
    cross = .zeros(rows.shape.columns, options.rank)
    if let prior {
      // What the earlier rows were is known by what they were rebuilt as.
      gram = prior.w.gram.converted(to: .double)
      cross = prior.ht.converted(to: .double) * gram
    }
  }

  /// The factors, which are then nobody else's.
  mutating func takeFactors() -> NMFFactors {
    defer { w = .zeros(0, 0) }
    return NMFFactors(w: w, ht: ht)
  }

  var choice: NMFChoice {
    batch.map { NMFChoice(.hals, "H moves after every \($0) rows", name: "online hals") }
      ?? NMFChoice(.hals, "every iteration reads the rows once", name: "streamed hals")
  }

  var plan: TrainingPlan {
    TrainingPlan(
      "nmf \(rows.shape), rank \(options.rank), \(choice.name)", unit: .iteration,
      total: options.iterations,
      objective: options.isRegularized ? "loss with penalties" : "relative error",
      metrics: ["largest update"])
  }

  func picture() -> FactorPicture? {
    FactorPicture(
      title: "parts (rows of H)", rows: ht.transposed, tileShape: options.tile, isSigned: false)
  }

  /// A stop between two blocks.
  private struct Stopped: Error {}

  mutating func step(_ index: Int, _ monitor: TrainingMonitor) throws -> TrainingProgress {
    var pass = Pass(self)
    // Only one owner, so that W is changed where it is.
    w = .zeros(0, 0)
    do {
      try rows.forEachBlock(of: batch ?? rows.blockRows) { range, block in
        if monitor.isStopRequested { throw Stopped() }
        pass.take(block, range)
        monitor.report(Double(index - 1) + Double(range.upperBound) / Double(rows.shape.rows))
      }
    } catch {
      // Every row is as good as before or better.
      keep(pass)
      guard error is Stopped else { throw error }
      return TrainingProgress(objective: .nan)
    }
    if batch == nil { pass.improveH(sweeps: Self.sweepsOfH, decay: 0.01) }
    let advance = pass.advance(squares: census.squares)
    let before = advances.last?.objective ?? .infinity
    keep(pass)
    advances.append(advance)
    let unit = abs(advance.objective) + rows.precision.epsilon * census.squares
    still = abs(before - advance.objective) <= rows.precision.epsilon * unit ? still + 1 : 0
    calm = advance.change <= options.tolerance || advance.loss == 0 ? calm + 1 : 0
    let ends = options.tolerance > 0 && (calm >= 2 || still >= 5)
    return TrainingProgress(
      objective: options.isRegularized ? advance.objective : relativeError(advance.loss),
      metrics: [advance.change], end: ends ? .converged : nil)
  }

  func relativeError(_ loss: Double) -> Double {
    census.squares > 0 ? (2 * loss / census.squares).squareRoot() : 0
  }

  private mutating func keep(_ pass: Pass) {
    (w, ht, gram, cross) = (pass.w, pass.ht, pass.gram, pass.cross)
  }

  /// The factors while the rows go by.
  private struct Pass {
    let options: NMFOptions
    let online: Bool
    /// What a row takes from the weight of those before it.
    let fading: Double
    let sweeps: Int
    var w: Matrix
    var ht: Matrix
    var gram: Matrix
    var cross: Matrix
    private var changeOfW: [Double]
    private var squaresOfW: [Double]
    private var changeOfH = 0.0
    /// Of every batch, before H moved.
    private var lossOfBatches = 0.0

    init(_ process: StreamedDescent) {
      options = process.options
      online = process.batch != nil
      fading = process.rows.shape.rows > 0 ? 1 / Double(process.rows.shape.rows) : 0
      let (n, k) = (process.rows.shape.columns, process.options.rank)
      sweeps = min(20, 2 + n / max(k, 1))
      (w, ht) = (process.w, process.ht)
      gram = online ? process.gram : .zeros(k, k)
      cross = online ? process.cross : .zeros(n, k)
      changeOfW = [Double](repeating: 0, count: k)
      squaresOfW = changeOfW
      forget = process.forget
    }

    private let forget: Double

    mutating func take(_ block: Matrix, _ range: Range<Int>) {
      var own = w.rows(in: range)
      let (hGram, target) = (ht.gram, block * ht)
      let report = own.solveRows(
        gram: hGram, target: target, by: .descent(sweeps: sweeps, decay: 0.01),
        terms: options.terms.w)
      for r in changeOfW.indices {
        changeOfW[r] += report.firstChange[r]
        squaresOfW[r] += report.squares[r]
      }
      w.put(own, at: range.lowerBound)
      let ownGram = own.gram
      if online {
        lossOfBatches +=
          max(0, block.sumOfSquares - 2 * target.dot(own) + hGram.dot(ownGram)) / 2
        let fade = forget == 1 ? 1 : power(forget, Double(range.count) * fading)
        gram.scale(by: fade)
        cross.scale(by: fade)
      }
      gram.add(ownGram.converted(to: .double))
      cross.add((block.transposed * own).converted(to: .double))
      if online { improveH(sweeps: 2, decay: 0) }
    }

    private func power(_ base: Double, _ exponent: Double) -> Double {
      Matrix.combine(.power, base, Matrix(exponent))[0, 0]
    }

    mutating func improveH(sweeps: Int, decay: Double) {
      let precision = ht.precision
      var terms = options.terms.h
      terms.rowsSumToOne = false
      let report = ht.solveRows(
        gram: gram.converted(to: precision), target: cross.converted(to: precision),
        by: .descent(sweeps: sweeps, decay: decay), terms: terms)
      changeOfH = online ? max(changeOfH, report.largestChange) : report.largestChange
    }

    /// What the pass has achieved: exact without batches.
    func advance(squares: Double) -> NMFAdvance {
      let change = max(
        DescentReport(firstChange: changeOfW, squares: squaresOfW).largestChange, changeOfH)
      var loss = lossOfBatches
      if !online {
        let factor = ht.converted(to: .double)
        loss = max(0, squares - 2 * cross.dot(factor) + gram.dot(factor.gram)) / 2
      }
      let penalty = options.penalty(NMFFactors(w: w, ht: ht))
      return NMFAdvance(objective: loss + penalty, loss: loss, change: change)
    }
  }
}
