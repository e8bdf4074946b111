import Matrices
import Vocabulary

extension MFOptions {
  /// As a record: what a model was asked for.
  var parts: Record {
    var parts = Record([
      ("rank", .number(Double(rank))), ("bias", .boolean(bias)), ("l2", .number(l2)),
      ("iterations", .number(Double(iterations))), ("tolerance", .number(tolerance)),
      ("seed", .number(Double(seed))), ("frequency", .number(frequency)),
      ("nonnegative", .boolean(isNonnegative)), ("core_bias", .text(coreBias.rawValue)),
      ("symmetric", .boolean(isSymmetric)), ("feedback", .boolean(hasFeedback)),
      ("block", .number(Double(block))),
    ])
    if let rate { parts["rate"] = .number(rate) }
    if let implicit {
      parts["implicit"] = .record(
        Record([
          ("alpha", .number(implicit.alpha)), ("unobserved", .number(implicit.unobserved)),
          ("frequency", .number(implicit.frequency)),
        ]))
    }
    return parts
  }

  init(_ parts: Parts) throws {
    self.init(
      rank: try parts.count("rank", atLeast: 0), l2: try parts("l2"),
      iterations: try parts("iterations"), tolerance: try parts("tolerance"))
    bias = try parts("bias")
    seed = try parts("seed")
    rate = try parts("rate")
    frequency = try parts("frequency")
    isNonnegative = try parts("nonnegative")
    coreBias = try parts.choice("core_bias")
    isSymmetric = try parts("symmetric")
    hasFeedback = try parts("feedback")
    block = try parts.count("block", atLeast: 1)
    let record: Record? = try parts("implicit")
    implicit = try record.map { record in
      let parts = Parts(record)
      var options = ImplicitOptions()
      options.alpha = try parts("alpha")
      options.unobserved = try parts("unobserved")
      options.frequency = try parts("frequency")
      return options
    }
  }
}
