import Matrices
import Training
import Vocabulary

extension RatingsModel: Storable {
  package static let storedKind = "ratings model"

  package var stored: Record {
    var parts = Record([
      ("W", .matrix(factors.users)), ("H", .matrix(factors.items)), ("table", .object(table)),
      ("options", .record(options.parts)), ("method", .text(method.name)),
      ("mean", .number(origin.mean)), ("average", .number(origin.average)),
      ("count", .number(Double(origin.count))), ("error", .number(origin.error)),
      ("history", .record(origin.history)),
      ("iterations", .number(Double(origin.outcome.steps))),
      ("reason", .text(origin.outcome.reason.rawValue)),
      ("objective", .number(origin.outcome.objective)),
      ("seconds", .number(origin.outcome.seconds)),
    ])
    if origin.range.upperBound.isFinite {
      parts["lowest"] = .number(origin.range.lowerBound)
      parts["highest"] = .number(origin.range.upperBound)
    }
    if let feedback = factors.feedback { parts["feedback"] = .matrix(feedback) }
    if let privacy = origin.privacy { parts["privacy"] = .record(privacy.parts) }
    return parts
  }

  package static func restored(from parts: Parts, _ context: Context) throws -> RatingsModel {
    let options = try MFOptions(Parts(try parts("options")))
    let table: RatingsTable = try parts("table")
    let name: String = try parts("method")
    let ratings: RatingsMethod.Ratings = options.implicit == nil ? .explicit : .implicit
    guard let method = RatingsMethod.all.first(where: { $0.name == name && $0.ratings == ratings })
    else { throw Parts.damage("'\(name.prefix(40))' is no way to factorize ratings") }
    let width = options.rank + 2
    let factors = RatingsFactors(
      users: try parts.matrix("W", Shape(table.users.count, width)),
      items: try parts.matrix("H", Shape(table.items.count, width)),
      feedback: try parts("feedback"))
    guard factors.users.firstNonFinite == nil, factors.items.firstNonFinite == nil else {
      throw Parts.damage("a number of a factor is none")
    }
    if let feedback = factors.feedback {
      guard feedback.shape == Shape(table.items.count, options.rank) else {
        throw Parts.damage("the feedback does not fit the items")
      }
    }
    let bounds: (Double?, Double?) = (try parts("lowest"), try parts("highest"))
    let (lowest, highest) = (bounds.0 ?? -.infinity, bounds.1 ?? .infinity)
    let ledger: Record? = try parts("privacy")
    guard lowest <= highest else { throw Parts.damage("bounds of ratings that are none") }
    return RatingsModel(
      factors, of: table, options, method,
      origin: Origin(
        mean: try parts("mean"), average: try parts("average"), range: lowest...highest,
        count: try parts.count("count"), error: try parts("error"), history: try parts("history"),
        outcome: TrainingOutcome(
          reason: try parts.choice("reason"), steps: try parts.count("iterations"),
          objective: try parts("objective"), seconds: try parts("seconds")),
        privacy: try ledger.map { try PrivacyLedger(Parts($0)) }))
  }
}
