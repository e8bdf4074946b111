import Matrices
import Training
import Vocabulary

/// What `nmf` returns: the factors, how good they are and how they were found.
package final class NMFModel: Object {
  package let w: Matrix
  /// The parts as columns: n×k.
  package let ht: Matrix
  package let options: NMFOptions
  package let loss: Double
  /// `‖X − WH‖ / ‖X‖`.
  package let error: Double
  /// The part of the variance of X around its column means that WH explains.
  package let explained: Double
  /// Loss, error and change of every iteration, with the seconds since the start.
  package let history: Record
  package let iterations: Int
  package let reason: StopReason
  package let seconds: Double
  package let revived: Int

  package init(
    factors: NMFFactors, options: NMFOptions, loss: Double, error: Double, explained: Double,
    history: Record, iterations: Int, reason: StopReason, seconds: Double, revived: Int
  ) {
    w = factors.w
    ht = factors.ht
    self.options = options
    self.loss = loss
    self.error = error
    self.explained = explained
    self.history = history
    self.iterations = iterations
    self.reason = reason
    self.seconds = seconds
    self.revived = revived
  }

  package var h: Matrix { ht.transposed }

  /// Runs the loop on X, which must be non-negative and finite, and keeps what it found.
  package static func fit(
    _ x: Matrix, _ options: NMFOptions, loop: TrainingLoop, start: NMFFactors? = nil
  ) throws -> NMFModel {
    let random = Random(seed: UInt64(bitPattern: Int64(options.seed)))
    var process = NMFProcess(x, options, random: random, start: start)
    let recorder = Recorder()
    var loop = loop
    loop.observers.append(recorder)
    let outcome = try loop.run(&process)
    let (factors, revived, residual) = process.finish()
    let steps = recorder.steps
    let advances = process.advances
    var history = Record([
      ("iteration", .matrix(Matrix(column: steps.map { Double($0.index) }))),
      ("loss", .matrix(Matrix(column: advances.map(\.loss)))),
    ])
    if options.loss == .frobenius {
      history["error"] = .matrix(
        Matrix(column: advances.map { process.relativeError(loss: $0.loss) }))
    }
    history["update"] = .matrix(Matrix(column: advances.map(\.change)))
    history["seconds"] = .matrix(Matrix(column: steps.map(\.seconds)))
    return NMFModel(
      factors: factors, options: options,
      loss: options.loss == .frobenius ? residual / 2 : advances.last?.loss ?? .nan,
      error: process.norm > 0 ? residual.squareRoot() / process.norm : 0,
      explained: x.explained(residual: residual), history: history,
      iterations: outcome.steps, reason: outcome.reason, seconds: outcome.seconds, revived: revived)
  }

  /// The non-negative codes of new rows for these parts, to rounding: coordinate descent for the
  /// squared error, multiplicative updates for the divergence.
  package func codes(of x: Matrix) -> Matrix {
    let precision = w.precision
    let x = x.converted(to: precision)
    switch options.loss {
    case .frobenius:
      var codes = Matrix.zeros(x.rows, w.columns, precision)
      _ = codes.descend(
        gram: ht.gram, target: x * ht, sweeps: 5000,
        decay: precision == .single ? 1e-6 : 1e-12, l1: options.l1, l2: options.l2)
      return codes
    case .kl:
      let sums = ht.reduced(.sum, along: .rows).total(.sum)
      let level = sums > 0 ? max(x.total(.sum) / Double(max(x.rows, 1)) / sums, 1e-6) : 1
      var rule = DivergenceUpdates(
        Observations(x, rank: w.columns, always: true),
        start: NMFFactors(w: .filled(x.rows, w.columns, with: level, precision), ht: ht), options)
      for _ in 0..<1000 {
        let old = rule.factors.w
        rule.improveW(holding: ht)
        if rule.factors.w.change(from: old) <= 1e-6 { break }
      }
      return rule.factors.w
    }
  }
}

extension NMFModel: Argument {
  package static var takes: String { "nmf model" }
  package static func from(_ value: Value) -> NMFModel? {
    if case .object(let object) = value { object as? NMFModel } else { nil }
  }
}

extension NMFModel: Returnable {
  package var value: Value { .object(self) }
}
