import Matrices

/// A number or matrix while a gradient is taken: it behaves as what it is, and what is calculated
/// with it is recorded. Programs never see the difference.
package final class Traced: @unchecked Sendable {
  package let tape: Tape
  /// Its step; -1 as long as it is being put together.
  private var step: Int32
  /// What it is; nothing of a small result, which the tape keeps.
  private var known: Quantity?
  /// What is being written into it.
  package private(set) var assembly: Assembly?

  /// A result that stands on a tape.
  package init(_ tape: Tape, _ place: Int32) {
    self.tape = tape
    step = place
    known = tape.isSmall(at: place) ? nil : tape.value(at: place)
  }

  /// A matrix that is being put together.
  package init(_ tape: Tape, _ assembly: Assembly) {
    self.tape = tape
    self.assembly = assembly
    step = -1
  }

  /// The number or matrix alone.
  package var value: Quantity { assembly?.value ?? known ?? tape.value(at: step) }

  package var variable: Trace {
    if let assembly {
      // What comes after the gradient knows no steps.
      guard tape.isOpen else { return Trace(assembly.value) }
      let trace = assembly.trace
      (step, self.assembly) = (trace.place, nil)
      known = tape.isSmall(at: step) ? nil : trace.value
      return trace
    }
    return Trace(value, tape, step)
  }

  /// Its place on a tape that is open, if it is small.
  @inline(__always)
  package func place(on tape: Tape) -> Int32? {
    guard self.tape === tape, tape.isOpen else { return nil }
    if assembly != nil { _ = variable }
    return known == nil ? step : nil
  }
}
