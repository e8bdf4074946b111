import Matrices
import Training
import Vocabulary

extension MFRequest {
  /// What cannot be had together with protected users.
  func check(_ settings: PrivacySettings, _ table: RatingsTable) throws {
    let refused: [(String, Bool, String)] = [
      ("implicit", isImplicit, "private ratings say how good: of implicit ones every item counts"),
      ("nonnegative", isNonnegative, "private factors may have any sign"),
      ("feedback", hasFeedback, "what a user has rated would give the user away"),
      ("bias", !bias.isWanted, "private ratings begin with their biases"),
      ("tolerance", tolerance != nil, "when to end would say something of the ratings"),
      ("frequency", frequency != nil, "how often an item was rated is not known"),
    ]
    for (name, isGiven, why) in refused { try refuse(isGiven, why, at: name) }
    try refuse(
      method != nil && method != "dpals", "users are protected by \"dpals\"", at: "method")
    let users = table.users.count
    if settings.delta * Double(users) >= 1 {
      throw Problem(
        .value, "delta must be below 1 / users, else giving away a whole user would be private",
        at: "private", label: settings.title, help: "there are \(users) users")
    }
    let count = iterations ?? RatingsMethod.named("dpals", for: .explicit)?.iterations ?? 1
    if try settings.noise(iterations: count) == nil {
      throw Problem(
        .value, "no noise keeps \(count) iterations to so small an ε", at: "private",
        label: settings.title, help: "take fewer iterations or a larger ε")
    }
  }

  /// The bounds of predictions that were given.
  func bounds() throws -> ClosedRange<Double>? {
    guard let range else { return nil }
    let ends = range.elements
    guard ends.count == 2, ends[0].isFinite, ends[1].isFinite, ends[0] < ends[1] else {
      throw Problem(
        .value, "'range' needs the least and the largest rating", at: "range", label: range.label,
        help: "as in range=[1, 5]")
    }
    try refuse(isImplicit, "a preference has no bounds", at: "range")
    return ends[0]...ends[1]
  }
}
