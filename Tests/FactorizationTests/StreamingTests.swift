import Factorization
import Glibc
import Matrices
import Testing
import Vocabulary

/// Rows in blocks, from a file or from memory, against the whole matrix.
@Suite struct StreamingTests {
  private let context = Context(output: { _ in })

  private func nmf(_ x: Value, _ rank: Int, _ named: [(name: String, value: Value)] = []) throws
    -> NMFModel
  {
    let builtin = try #require(FactorizationLibrary.builtins.first { $0.name == "nmf" })
    let value = try builtin.call(Arguments([x, .number(Double(rank))], named: named), context)
    return try #require(NMFModel.from(value))
  }

  /// A stream of a file with these rows.
  private func stream(_ x: Matrix) throws -> Value {
    let path = "/tmp/mfs-test-\(UInt64.random(in: 0...UInt64.max)).npy"
    try NPY.write(x, to: path)
    // The file stays open without its name.
    defer { unlink(path) }
    return .object(RowStream(try NPYRows(path: path), path: path))
  }

  private let x = Planted.matrix(3000, 40, rank: 4, seed: 91, noise: 0.05)

  @Test(arguments: [Precision.double, .single])
  func aStreamIsFactorizedAsWellAsTheMatrix(_ precision: Precision) throws {
    let x = x.converted(to: precision)
    let streamed = try nmf(stream(x), 4, [("tolerance", .number(0))])
    let whole = try nmf(.matrix(x), 4, [("tolerance", .number(0)), ("solver", .text("hals"))])
    #expect(abs(streamed.error - whole.error) < 1e-4 * whole.error)
    #expect(abs(streamed.explained - whole.explained) < 1e-4)
    #expect(streamed.optimality < 1e-2 && streamed.choice.name == "streamed hals")
    let losses = streamed.past("loss")
    for (before, after) in zip(losses, losses.dropFirst()) {
      #expect(after <= before * (1 + (precision == .single ? 1e-4 : 1e-10)))
    }
    #expect(streamed.w.total(.minimum) >= 0 && streamed.ht.total(.minimum) >= 0)
    // The last look gives the best codes, as transform does.
    let again = streamed.codes(of: x)
    #expect(again.isClose(to: streamed.w, relative: 1e-3, absolute: 1e-4))
  }

  /// A stream of a text with these rows.
  private func text(_ x: Matrix, _ extension: String) throws -> Value {
    let path = "/tmp/mfs-test-\(UInt64.random(in: 0...UInt64.max)).\(`extension`)"
    defer { unlink(path) }
    if `extension` == "csv" {
      try CSV.write(x, to: path)
      return .object(RowStream(try CSVRows(path: path), path: path))
    }
    try MatrixMarket.write(SparseMatrix(x), to: path)
    return .object(RowStream(try MatrixMarketRows(path: path), path: path))
  }

  @Test(arguments: ["npy", "csv", "mtx"])
  func aStreamIsFactorizedByDivergenceAsWellAsTheMatrix(_ format: String) throws {
    // Counts, most of them 0.
    let mean = Planted.matrix(1500, 40, rank: 4, seed: 92)
    let x = (3 * mean).mapped(.floor)
    let kl: [(name: String, value: Value)] = [
      ("loss", .text("kl")), ("tolerance", .number(0)), ("iterations", .number(300)),
    ]
    let streamed = try nmf(format == "npy" ? stream(x) : text(x, format), 4, kl)
    let whole = try nmf(.matrix(x), 4, kl + [("solver", .text("mu"))])
    #expect(streamed.loss < 1.005 * whole.loss && streamed.choice.name == "streamed mu")
    let losses = streamed.past("loss")
    for (before, after) in zip(losses, losses.dropFirst()) {
      #expect(after <= before * (1 + 1e-9))
    }
    #expect(streamed.w.total(.minimum) >= 0 && streamed.ht.total(.minimum) >= 0)
    // What the result says of itself is true.
    let y = streamed.w * streamed.h
    let loss = Matrix.divergence(.beta(1), x: x, y: y, weights: nil)
    #expect(abs(streamed.loss - loss) < 1e-9 * loss)
    #expect(abs(streamed.error - (x - y).frobeniusNorm / x.frobeniusNorm) < 1e-9)
    #expect(streamed.optimality < 2e-2)
    // A run that converged ends with the best codes, as transform gives them.
    let done = try nmf(
      stream(x), 4,
      [("loss", .text("kl")), ("tolerance", .number(1e-3)), ("iterations", .number(3000))])
    #expect(done.reason == .converged)
    #expect(done.codes(of: x).isClose(to: done.w, relative: 1e-5, absolute: 1e-6))
  }

  @Test(arguments: ["itakura-saito", "0.5", "1.5", "3", "huber"])
  func aStreamIsFactorizedUnderEveryLoss(_ name: String) throws {
    let x = Planted.matrix(700, 30, rank: 3, seed: 94) + 0.05
    let loss: Value = Double(name).map { .number($0) } ?? .text(name)
    let named: [(name: String, value: Value)] = [
      ("loss", loss), ("tolerance", .number(0)), ("iterations", .number(300)),
    ]
    let streamed = try nmf(stream(x), 3, named)
    let whole = try nmf(.matrix(x), 3, named)
    #expect(streamed.choice.name == "streamed mu" && streamed.options.loss == whole.options.loss)
    let level = Matrix.divergence(
      whole.options.loss.entries, x: x, y: .filled(700, 30, with: x.total(.mean)),
      weights: nil)
    #expect(streamed.loss < 1.1 * whole.loss + 1e-3 * level)
    let losses = streamed.past("loss")
    for (before, after) in zip(losses, losses.dropFirst()) {
      #expect(after <= before * (1 + 1e-9))
    }
    // What the result says of itself is true.
    let y = streamed.w * streamed.h
    let own = Matrix.divergence(whole.options.loss.entries, x: x, y: y, weights: nil)
    #expect(abs(streamed.loss - own) < 1e-8 * level)
    #expect(streamed.optimality < 0.1)
  }

  @Test func batchesUnderOtherLossesKeepEarlierRows() throws {
    let x = Planted.matrix(700, 30, rank: 3, seed: 94) + 0.05
    let named: [(name: String, value: Value)] = [("loss", .number(0.5))]
    let whole = try nmf(.matrix(x), 3, named)
    let online = try nmf(
      .matrix(x), 3, named + [("batch", .number(100)), ("iterations", .number(200))])
    let level = Matrix.divergence(
      .beta(0.5), x: x, y: .filled(700, 30, with: x.total(.mean)), weights: nil)
    #expect(online.loss < 1.2 * whole.loss + 1e-2 * level)
    #expect(online.choice.name == "online mu")
    let more = try nmf(
      .matrix(x.rows(in: 0..<50)), 3,
      named + [("init", .object(whole)), ("batch", .number(10)), ("iterations", .number(1))])
    let after = Matrix.divergence(
      .beta(0.5), x: x, y: more.codes(of: x) * more.h, weights: nil)
    #expect(after < 1.2 * whole.loss + 1e-2 * level)
  }

  @Test func zerosAreRefusedWhereTheLossIsEndless() throws {
    var x = Planted.matrix(100, 10, rank: 2, seed: 95) + 0.1
    x[70, 3] = 0
    #expect(throws: Problem.self) { try nmf(stream(x), 2, [("loss", .text("itakura-saito"))]) }
  }

  @Test func batchesLeadToAGoodFitByDivergence() throws {
    let kl: [(name: String, value: Value)] = [("loss", .text("kl"))]
    let online = try nmf(
      .matrix(x), 4, kl + [("batch", .number(100)), ("iterations", .number(200))])
    let whole = try nmf(.matrix(x), 4, kl)
    #expect(online.loss < 1.03 * whole.loss && online.choice.name == "online mu")
    let more = try nmf(
      .matrix(x.rows(in: 0..<500)), 4,
      kl + [("init", .object(whole)), ("batch", .number(100)), ("iterations", .number(1))])
    #expect(more.w.shape == Shape(500, 4))
    // It still knows the earlier rows.
    let before = whole.codes(of: x) * whole.h
    let after = more.codes(of: x) * more.h
    let loss = { Matrix.divergence(.beta(1), x: x, y: $0, weights: nil) }
    #expect(loss(after) < 1.2 * loss(before))
  }

  @Test func penaltiesAreKeptByDivergenceToo() throws {
    let named: [(name: String, value: Value)] = [
      ("loss", .text("kl")), ("iterations", .number(60)), ("tolerance", .number(0)),
    ]
    let sparse = try nmf(stream(x), 4, named + [("l1", .number(2))])
    let plain = try nmf(stream(x), 4, named)
    #expect(
      sparse.w.total(.sum) + sparse.ht.total(.sum) < plain.w.total(.sum) + plain.ht.total(.sum))
    let losses = sparse.past("loss")
    #expect(losses.count == 60 && (losses.last ?? 0) < (losses.first ?? 0))
  }

  @Test func whatTheResultSaysOfItselfIsTrue() throws {
    let streamed = try nmf(stream(x), 4, [("iterations", .number(7))])
    let rest = x - streamed.w * streamed.h
    #expect(abs(streamed.loss - rest.sumOfSquares / 2) < 1e-9 * streamed.loss)
    #expect(abs(streamed.error - rest.frobeniusNorm / x.frobeniusNorm) < 1e-12)
    let spread = Matrix.combine(.subtract, x, x.reduced(.mean, along: .rows)).sumOfSquares
    #expect(abs(streamed.explained - (1 - rest.sumOfSquares / spread)) < 1e-9)
    #expect(streamed.iterations == 7)
  }

  @Test func batchesLeadToAGoodFit() throws {
    let online = try nmf(
      .matrix(x), 4, [("batch", .number(100)), ("iterations", .number(20))])
    let whole = try nmf(.matrix(x), 4)
    #expect(online.error < 1.05 * whole.error && online.choice.name == "online hals")
    let same = try nmf(stream(x), 4, [("batch", .number(100)), ("iterations", .number(20))])
    #expect(same.w.isIdentical(to: online.w) && same.ht.isIdentical(to: online.ht))
  }

  @Test func aModelGoesOnWithMoreRows() throws {
    let (first, second) = (x.rows(in: 0..<2000), x.rows(in: 2000..<3000))
    let model = try nmf(.matrix(first), 4)
    let more = try nmf(
      .matrix(second), 4,
      [
        ("init", .object(model)), ("batch", .number(250)), ("forget", .number(1)),
        ("iterations", .number(1)),
      ])
    #expect(more.w.shape == Shape(1000, 4))
    // It knows both parts: good on the new rows, and still on the old.
    let old = (first - model.codes(of: first) * model.h).frobeniusNorm
    #expect((first - more.codes(of: first) * more.h).frobeniusNorm < 1.05 * old)
    let alone = try nmf(.matrix(second), 4)
    #expect(more.error < 1.1 * alone.error)
    // Without batches its H is the start.
    let started = try nmf(.matrix(second), 4, [("init", .object(model))])
    #expect(started.error < 1.01 * alone.error && started.options.start == .given)
  }

  @Test func penaltiesAndBoundsAreKept() throws {
    let sparse = try nmf(
      stream(x), 4, [("l1", .number(5)), ("iterations", .number(30))])
    let plain = try nmf(stream(x), 4, [("iterations", .number(30))])
    #expect(
      sparse.w.total(.sum) + sparse.ht.total(.sum) < plain.w.total(.sum) + plain.ht.total(.sum))
    let box = try nmf(stream(x), 4, [("box", .list([.number(0), .number(0.8)]))])
    #expect(box.w.total(.maximum) <= 0.8 && box.ht.total(.maximum) <= 0.8)
  }

  @Test func whatDoesNotSuitIsRefused() throws {
    let stream = try stream(x)
    let wrong: [(name: String, value: Value)] = [
      ("loss", .text("wrong")), ("form", .text("semi")), ("solver", .text("mu")),
      ("restarts", .number(3)), ("init", .text("spa")), ("missing", .text("nan")),
    ]
    for named in wrong {
      #expect(throws: Problem.self) { try nmf(stream, 4, [named]) }
      #expect(throws: Problem.self) { try nmf(.matrix(x), 4, [named, ("batch", .number(10))]) }
    }
    var bad = x
    bad[2999, 39] = -1
    do {
      _ = try nmf(self.stream(bad), 4)
      Issue.record("a negative element was taken")
    } catch let problem as Problem {
      #expect(problem.arguments.first?.label == "-1 at [3000, 40]")
    }
    #expect(throws: Problem.self) { try nmf(stream, 41) }
  }

  @Test func aFileThatIsCutShortIsAnError() throws {
    let path = "/tmp/mfs-test-\(UInt64.random(in: 0...UInt64.max)).npy"
    try NPY.write(x, to: path)
    defer { unlink(path) }
    let rows = RowStream(try NPYRows(path: path), path: path)
    #expect(truncate(path, 5000) == 0)
    #expect(throws: Problem.self) { try nmf(.object(rows), 4) }
    #expect(throws: FileError.self) { try NPYRows(path: path) }
  }
}
