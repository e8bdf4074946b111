import Glibc
import Matrices
import Vocabulary

/// How the rate of an optimizer changes from epoch to epoch: a factor that depends on what is known
/// before the epoch begins, so that a run in two parts is the run in one.
package indirect enum Schedule: Sendable, Equatable {
  /// Times `factor` after every so many epochs.
  case step(every: Int, factor: Double)
  /// Half a wave from 1 to `least` over so many epochs (Loshchilov & Hutter, ICLR 2017).
  case cosine(epochs: Int, least: Double)
  /// Grows evenly over so many epochs; then another schedule begins, or the rate stays.
  case warmup(epochs: Int, then: Schedule?)
  /// Times `factor` whenever the loss has not fallen for so many epochs.
  case plateau(patience: Int, factor: Double)

  package var title: String {
    func short(_ number: Double) -> String { NumberFormat.short(number) }
    return switch self {
    case .step(let every, let factor): "step(\(every), factor=\(short(factor)))"
    case .cosine(let epochs, let least): "cosine(\(epochs), least=\(short(least)))"
    case .warmup(let epochs, let next):
      "warmup(\(epochs)\(next.map { ", then=\($0.title)" } ?? ""))"
    case .plateau(let patience, let factor): "plateau(\(patience), factor=\(short(factor)))"
    }
  }

  /// The call that makes it.
  package var call: Call {
    switch self {
    case .step(let every, let factor):
      Call("step", numbers: [("every", Double(every)), ("factor", factor)])
    case .cosine(let epochs, let least):
      Call("cosine", numbers: [("epochs", Double(epochs)), ("least", least)])
    case .warmup(let epochs, let next):
      Call(
        "warmup",
        Record(
          [("epochs", .number(Double(epochs)))]
            + (next.map { [("then", .object(ScheduleValue($0)))] } ?? [])))
    case .plateau(let patience, let factor):
      Call("plateau", numbers: [("patience", Double(patience)), ("factor", factor)])
    }
  }

  /// The factor of an epoch, counted from 0. `losses` are those of the epochs before it, NaN where
  /// none was found.
  package func factor(epoch: Int, losses: [Double]) -> Double {
    switch self {
    case .step(let every, let factor): return pow(factor, Double(epoch / every))
    case .cosine(let epochs, let least):
      let part = min(Double(epoch) / Double(epochs), 1)
      return least + (1 - least) * (1 + cos(.pi * part)) / 2
    case .warmup(let epochs, let next):
      if epoch < epochs { return Double(epoch + 1) / Double(epochs + 1) }
      return next?.factor(epoch: epoch - epochs, losses: Array(losses.dropFirst(epochs))) ?? 1
    case .plateau(let patience, let factor):
      var (best, waited, result) = (Double.infinity, 0, 1.0)
      for loss in losses where !loss.isNaN {
        if loss < best {
          best = loss
          waited = 0
        } else {
          waited += 1
          if waited >= patience {
            result *= factor
            waited = 0
          }
        }
      }
      return result
    }
  }
}

/// A schedule as a value of the language.
package final class ScheduleValue: Object {
  package let schedule: Schedule

  package init(_ schedule: Schedule) { self.schedule = schedule }

  package let kind = "schedule"
  package let fieldNames: [String] = []
  package func field(_ name: String) -> Value? { nil }
  package func summary(width: Int) -> String { schedule.title }
}

extension ScheduleValue: Storable {
  package static let storedKind = "schedule"
  package var stored: Record { schedule.call.parts }
  package static func restored(from parts: Parts, _ context: Context) throws -> ScheduleValue {
    try Call(parts).repeated(in: NetworksLibrary.library, context)
  }
}

extension ScheduleValue: Argument, Returnable {
  package static var takes: String { "schedule" }
  package static var hint: String? { "write schedule=cosine(20) or schedule=step(10)" }
  package static func from(_ value: Value) -> ScheduleValue? {
    if case .object(let object) = value { object as? ScheduleValue } else { nil }
  }
  package var value: Value { .object(self) }
}
