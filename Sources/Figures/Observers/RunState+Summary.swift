import Training
import Vocabulary

extension RunState {
  /// How a run ended, in pieces that a line is made of.
  private struct Ending {
    var title: String
    var words: String
    var facts: [String]

    var line: String {
      let end = ([words] + facts).joined(separator: ", ")
      return title.isEmpty ? end : "\(title): \(end)"
    }
  }

  /// How the run ended, in one line: `nmf 100×80, rank 5: converged after 83 iterations,
  /// relative error 0.3786, 2.1 s`.
  ///
  /// In at most so many columns: what is trained is shortened first, since whoever has
  /// asked for it knows; then the words for how it ended, the time, and the objective.
  package func summary(width: Int, _ drawing: Drawing) -> String? {
    guard var ending, let outcome else { return nil }
    ending.title = Plainer.text(ending.title, drawing)
    if ending.line.count <= width { return ending.line }
    let dots = Plainer.text("…", drawing)
    let room = ending.title.count - (ending.line.count - width) - dots.count
    if room >= Self.leastTitle {
      ending.title = String(ending.title.prefix(room)) + dots
      return ending.line
    }
    ending.title = ending.title.prefix { $0 != " " && $0 != "," }.description
    let end = outcome.reason == .limit ? "ended" : outcome.reason.rawValue
    let shortenings: [(inout Ending) -> Void] = [
      { _ in },
      { $0.words = "\(end) after \(steps)" },
      { $0.facts.removeLast() },
      { $0.facts.removeAll() },
      { $0.title = "" },
    ]
    for shorten in shortenings {
      shorten(&ending)
      if ending.line.count <= width { return ending.line }
    }
    return String(ending.line.prefix(max(width, 0)))
  }

  /// Fewer columns of a title say nothing.
  private static let leastTitle = 16

  private var steps: String {
    guard let plan, let outcome else { return "" }
    return "\(outcome.steps) \(plan.unit.rawValue)\(outcome.steps == 1 ? "" : "s")"
  }

  private var ending: Ending? {
    guard let plan, let outcome else { return nil }
    // A run that failed says so by ending before its limit without another reason.
    let isFailed = outcome.reason == .limit && outcome.steps < plan.total
    let words =
      switch outcome.reason {
      case .limit: isFailed ? "ended after \(steps)" : steps
      case .converged, .patience, .stopped, .diverged: "\(outcome.reason.words) after \(steps)"
      }
    var facts: [String] = []
    if outcome.objective.isFinite {
      facts.append("\(plan.objective) \(Words.number(outcome.objective))")
    }
    return Ending(
      title: plan.title, words: words, facts: facts + [Words.seconds(outcome.seconds)])
  }
}
