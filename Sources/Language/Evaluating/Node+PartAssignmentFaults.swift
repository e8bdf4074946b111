import Matrices
import Vocabulary

extension PartAssignment {
  /// The fault of `A[i] += x`, said of the part and what changes it.
  func updateFault(
    _ error: OperationError, _ update: (operation: Operator, sign: SourceRange), _ old: Value,
    _ new: Value, _ frame: Frame
  ) -> any Error {
    let left = Fault.Operand(
      range: root.range.joined(stepRange(steps.count - 1)), label: old.label, value: old,
      name: nil, origin: nil)
    let right = value.operand(new, frame)
    switch error {
    case .types: return Fault(.operands(update.operation, left, right), at: update.sign)
    case .tooLarge(let shape):
      return Fault(.tooLarge(shape, update.operation, left, right), at: update.sign)
    case .interrupted: return Interrupted()
    case .problem(let problem):
      return Fault(.computation(problem, update.operation, left, right), at: update.sign)
    case .shapes(let shapes):
      return Fault(.shapes(shapes, update.operation, left, right, fix: nil), at: update.sign)
    }
  }
}
