import Language
import Matrices
import Vocabulary

/// The session, used by one thread at a time: the main thread waits while a computation has it.
package final class RunningSession: @unchecked Sendable {
  private let session: Session

  /// To be used by one thread at a time.
  package init(_ session: Session) { self.session = session }

  var variables: [(name: String, value: Value, origin: String)] {
    session.variables.map { ($0.name, $0.value, session.origin(of: $0.name)?.source.name ?? "") }
  }

  /// Runs a source; the failure, if it failed.
  package func run(_ source: SourceText, echo: Bool) -> Failure? {
    do {
      // What is typed runs at once; a program is looked at first.
      try session.run(source, echo: echo, checking: !echo)
      return nil
    } catch {
      return error
    }
  }

  /// How many seconds an expression takes, again and again for about half a second.
  func measure(_ source: SourceText) -> Result<[Double], Failure> {
    let clock = ContinuousClock()
    let limit = clock.now + .milliseconds(500)
    var times: [Double] = []
    do {
      repeat {
        let start = clock.now
        _ = try session.evaluate(source)
        times.append((clock.now - start).inSeconds)
      } while clock.now < limit && times.count < 1000 && !Interrupt.isRequested
      return .success(times)
    } catch {
      return .failure(error)
    }
  }
}

/// Measured times in words.
package struct Timing {
  private let sorted: [Double]

  /// Times in seconds; at least one.
  package init(_ times: [Double]) { sorted = times.sorted() }

  /// `1.2 ms (median of 400, 1.1 ms … 1.9 ms)`.
  package var text: String {
    guard let least = sorted.first, let most = sorted.last else { return "not measured" }
    let median = Self.words(sorted[sorted.count / 2])
    guard sorted.count > 1 else { return "\(median) (once)" }
    return "\(median) (median of \(sorted.count), \(Self.words(least)) … \(Self.words(most)))"
  }

  private static func words(_ seconds: Double) -> String {
    let (unit, factor) =
      seconds >= 1 ? ("s", 1.0) : seconds >= 1e-3 ? ("ms", 1e3) : ("µs", 1e6)
    let amount = seconds * factor
    let digits = amount >= 100 ? 0 : amount >= 10 ? 1 : 2
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    return "\(NumberFormat.short((amount * scale).rounded() / scale)) \(unit)"
  }
}
