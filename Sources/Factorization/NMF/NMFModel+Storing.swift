import Matrices
import Training
import Vocabulary

extension NMFModel: Storable {
  package static let storedKind = "nmf model"

  package var stored: Record {
    Record([
      ("W", .matrix(w)), ("H", .matrix(h)), ("options", .record(options.parts)),
      ("solver", .text(choice.solver.rawValue)), ("choice", .text(choice.reason)),
      ("solver_name", .text(choice.name)), ("loss", .number(loss)), ("error", .number(error)),
      ("explained", .number(explained)), ("kkt", .number(optimality)),
      ("history", .record(history)),
      ("iterations", .number(Double(iterations))), ("reason", .text(reason.rawValue)),
      ("seconds", .number(seconds)), ("revived", .number(Double(revived))),
      ("weighted", .boolean(isWeighted)), ("extras", .record(extras)),
    ])
  }

  package static func restored(from parts: Parts, _ context: Context) throws -> NMFModel {
    try NMFModel(parts)
  }
}

extension NMFOptions {
  /// As a record: what a model was asked for.
  var parts: Record {
    var parts = Record([
      ("rank", .number(Double(rank))), ("form", .text(form.rawValue)),
      ("loss", .record(loss.parts)),
      ("solver", .text(solver.rawValue)), ("init", .text(start.rawValue)),
      ("iterations", .number(Double(iterations))), ("tolerance", .number(tolerance)),
      ("W", .record(terms.w.parts)), ("H", .record(terms.h.parts)),
      ("parts_sum_to_one", .boolean(partsSumToOne)), ("restarts", .number(Double(restarts))),
      ("seed", .number(Double(seed))),
    ])
    if let tile {
      parts["tile"] = .list([.number(Double(tile.rows)), .number(Double(tile.columns))])
    }
    return parts
  }

  init(_ parts: Parts) throws {
    self.init(rank: try parts("rank"))
    form = try parts.choice("form")
    loss = try NMFLoss(Parts(try parts("loss")))
    solver = try parts.choice("solver")
    start = try parts.choice("init")
    iterations = try parts("iterations")
    tolerance = try parts("tolerance")
    terms = PerFactor(
      w: try FactorTerms(Parts(try parts("W"))), h: try FactorTerms(Parts(try parts("H"))))
    partsSumToOne = try parts("parts_sum_to_one")
    restarts = try parts("restarts")
    seed = try parts("seed")
    let sides: [Value]? = try parts("tile")
    let sizes = sides?.compactMap(Int.from) ?? []
    tile = sizes.count == 2 && sizes.allSatisfy { $0 > 0 } ? Shape(sizes[0], sizes[1]) : nil
  }
}

extension NMFLoss {
  fileprivate var parts: Record {
    switch self {
    case .frobenius: Record([("beta", .number(2))])
    case .kl: Record([("beta", .number(1))])
    case .beta(let beta): Record([("beta", .number(beta))])
    case .huber(let delta): Record([("huber", delta.map { .number($0) } ?? .nothing)])
    }
  }

  fileprivate init(_ parts: Parts) throws {
    let beta: Double? = try parts("beta")
    self = if let beta { .divergence(beta) } else { .huber(try parts("huber")) }
  }
}

extension FactorTerms {
  fileprivate var parts: Record {
    Record([
      ("l1", .number(l1)), ("l2", .number(l2)), ("orthogonality", .number(orthogonality)),
      ("lowest", .number(lowest)), ("highest", .number(highest)),
      ("rows_sum_to_one", .boolean(rowsSumToOne)),
    ])
  }

  fileprivate init(_ parts: Parts) throws {
    self.init()
    l1 = try parts("l1")
    l2 = try parts("l2")
    orthogonality = try parts("orthogonality")
    lowest = try parts("lowest")
    highest = try parts("highest")
    rowsSumToOne = try parts("rows_sum_to_one")
  }
}
