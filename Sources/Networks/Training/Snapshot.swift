import Matrices

/// Parameters and state as the last finished epoch has left them: memory that is taken once, so that
/// keeping them costs a copy and no more.
final class Snapshot {
  private let machine: Machine
  private let workspace: Workspace
  private let parameters: Block
  private let state: Block
  /// The steps until then; `nil` before an epoch has been finished.
  private(set) var steps: Int?

  init(_ machine: Machine) {
    self.machine = machine
    let shapes = [machine.parameters.all, machine.stateBlock].map { Shape($0.rows, $0.columns) }
    workspace = Workspace(machine.parameters.precision, shapes: shapes)
    parameters = workspace.take(shapes[0])
    state = workspace.take(shapes[1])
  }

  func take(steps: Int) {
    withExtendedLifetime((self, machine)) {
      parameters.copy(from: machine.parameters.all)
      state.copy(from: machine.stateBlock)
    }
    self.steps = steps
  }

  /// Brings the machine back to it; returns the steps until then.
  func giveBack() -> Int? {
    guard let steps else { return nil }
    withExtendedLifetime((self, machine)) {
      machine.parameters.all.copy(from: parameters)
      machine.stateBlock.copy(from: state)
    }
    return steps
  }
}
