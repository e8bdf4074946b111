import Matrices
import Training
import Vocabulary

/// What a call that failed says.
extension CallNode {
  /// An error of the called thing, with the places of the arguments it is about.
  func translate(
    _ error: any Error, _ signature: Signature, _ given: Arguments, _ frame: Frame
  ) -> any Error {
    // A stop that came in the middle leaves errors behind that say nothing.
    if Interrupt.isRequested { return Interrupted() }
    switch error {
    case let error as CallError:
      return Fault(
        .argument(
          error, callee: signature, calleeRange: callee.range,
          places: places(signature, given, frame)), at: range)
    case let problem as Problem:
      return Fault(
        .builtin(problem, callee: signature.name, places: places(signature, given, frame)),
        at: callee.range)
    case let error as ShapeError:
      return Fault(
        .builtinShape(error, callee: signature.name, places: places(signature, given, frame)),
        at: callee.range)
    case TrainingError.diverged(let step):
      return Fault(.diverged(step: step, callee: signature.name), at: range)
    case var fault as Fault:
      if fault.calls.last?.range == nil, let last = fault.calls.indices.last {
        fault.calls[last].range = range
      }
      return fault
    case is TooDeep: return Fault(.tooDeep(signature.name), at: range)
    case is Interrupted, is Jump: return error
    default: return Fault(.foreign("\(error)"), at: range)
    }
  }

  /// Which argument fills which parameter.
  private func places(_ signature: Signature, _ given: Arguments, _ frame: Frame) -> [Fault.Place] {
    var places: [Fault.Place] = []
    var position = 0
    var named = 0
    for argument in arguments {
      if let name = argument.name {
        let operand = argument.node.operand(given.named[named].value, frame)
        places.append(
          Fault.Place(
            parameter: name, given: .name(name), nameRange: argument.nameRange, operand: operand))
        named += 1
      } else {
        let operand = argument.node.operand(given.positional[position], frame)
        let parameter = signature.place(ofPosition: position).map { signature.parameters[$0].name }
        places.append(
          Fault.Place(parameter: parameter, given: .position(position), operand: operand))
        position += 1
      }
    }
    return places
  }
}
