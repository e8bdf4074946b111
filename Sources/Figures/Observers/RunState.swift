import Matrices
import Training

/// What is known of a run after its events so far, in memory that does not grow with it: what the
/// live view, the progress line and the plain lines show.
package struct RunState: Sendable {
  package private(set) var plan: TrainingPlan?
  package private(set) var last: TrainingStep?
  package private(set) var objective = SeriesStore()
  /// One series a metric, in the order of the plan.
  package private(set) var metrics: [SeriesStore] = []
  /// The smallest objective and its step.
  package private(set) var best: (step: Int, objective: Double)?
  package private(set) var picture: FactorPicture?
  package private(set) var outcome: TrainingOutcome?
  /// How many steps are done, with parts of the one in progress.
  package private(set) var position = 0.0
  /// How many events arrived: whether there is something new to show.
  package private(set) var version = 0

  /// Two earlier moments: the rate is that since the earlier one, so that it is neither jumpy nor
  /// that of an hour ago.
  private var earlier: (position: Double, seconds: Double) = (0, 0)
  private var later: (position: Double, seconds: Double) = (0, 0)
  private static let rateSeconds = 2.0

  package init() {}

  /// Takes in one event: O(1).
  package mutating func receive(_ event: TrainingEvent) {
    version += 1
    switch event {
    case .started(let plan):
      self = RunState()
      version = 1
      self.plan = plan
      metrics = Array(repeating: SeriesStore(), count: plan.metrics.count)
    case .progressed(let steps):
      position = max(position, steps)
    case .advanced(let step):
      position = Double(step.index)
      last = step
      objective.append(step.objective)
      for place in metrics.indices {
        metrics[place].append(place < step.metrics.count ? step.metrics[place] : .nan)
      }
      if best.map({ step.objective < $0.objective }) ?? true {
        best = (step.index, step.objective)
      }
      if step.seconds - later.seconds >= Self.rateSeconds {
        earlier = later
        later = (position, step.seconds)
      }
    case .pictured(let picture):
      self.picture = picture
    case .finished(let outcome):
      self.outcome = outcome
    }
  }

  /// How much of the plan is done, from 0 to 1.
  package var part: Double {
    guard let plan, plan.total > 0 else { return 0 }
    return min(max(position / Double(plan.total), 0), 1)
  }

  /// Steps a second lately; `nil` before the first step is done.
  package var rate: Double? {
    guard let last, last.seconds > earlier.seconds else { return nil }
    return (Double(last.index) - earlier.position) / (last.seconds - earlier.seconds)
  }

  /// Seconds until the plan would be fulfilled. `elapsed` helps while the first step is running.
  package func remaining(elapsed: Double) -> Double? {
    guard let plan else { return nil }
    let left = max(0, Double(plan.total) - position)
    if let rate, rate > 0 { return left / rate }
    // A guess from parts of the first step, once there is enough of it.
    guard elapsed >= 1, position > 0 else { return nil }
    return left * elapsed / position
  }
}

/// Numbers and times as lines about a run write them.
package enum Words {
  /// Four significant digits: what fits in a line.
  package static func number(_ value: Double, digits: Int = 4) -> String {
    NumberFormat.short(value, digits: digits)
  }

  /// `0.42 s`, `12.3 s`, `2:05`, `1:02:03`.
  package static func seconds(_ seconds: Double) -> String {
    if seconds < 1 { return "\(NumberFormat.fixed(max(0, seconds), decimals: 2)) s" }
    if seconds < 60 { return "\(NumberFormat.fixed(seconds, decimals: 1)) s" }
    return clock(seconds)
  }

  /// `0:07`, `2:05`, `1:02:03`; `-` when it is not known or absurdly long.
  package static func clock(_ seconds: Double?) -> String {
    guard let seconds, seconds.isFinite, seconds < 100 * 3600 else { return "-" }
    let whole = Int(max(0, seconds).rounded())
    let pair = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    return hours > 0
      ? "\(hours):\(pair(minutes)):\(pair(whole % 60))" : "\(minutes):\(pair(whole % 60))"
  }

  /// `12.5/s`, or `3.2 s each` for slow steps.
  package static func rate(_ rate: Double?, unit: TrainingPlan.Unit) -> String {
    guard let rate, rate > 0, rate.isFinite else { return "" }
    let short = unit == .iteration ? "it" : "epochs"
    if rate >= 0.95 { return "\(NumberFormat.short(rate, digits: 3)) \(short)/s" }
    return "\(NumberFormat.short(1 / rate, digits: 3)) s/\(unit.rawValue)"
  }
}
