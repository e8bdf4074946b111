/// Earlier states of the line in front of the cursor. libedit has no undo in its emacs mode.
package struct UndoRing {
  /// A line and where the cursor stood.
  package struct State: Equatable {
    package var text: String
    /// In Unicode scalars.
    package var cursor: Int

    package init(text: String, cursor: Int) {
      self.text = text
      self.cursor = cursor
    }
  }

  private var states: [State] = []
  private var isTyping = false
  private static let limit = 200

  /// Forgets everything: another line begins.
  package mutating func clear() {
    states.removeAll(keepingCapacity: true)
    isTyping = false
  }

  package init() {}

  /// Notes the state before a key is read. A run of typed letters is one step.
  package mutating func note(_ state: State) {
    guard let last = states.last else {
      states.append(state)
      return
    }
    guard last.text != state.text else {
      states[states.count - 1].cursor = state.cursor
      return
    }
    let continues =
      state.cursor == last.cursor + 1
      && state.text.unicodeScalars.count == last.text.unicodeScalars.count + 1
      && state.text.hasPrefix(last.text) && !state.text.hasSuffix(" ")
    if continues && isTyping && states.count > 1 {
      states[states.count - 1] = state
    } else {
      states.append(state)
      if states.count > Self.limit { states.removeFirst() }
    }
    isTyping = continues
  }

  /// The state before the newest change, or `nil` when there is none.
  package mutating func undo() -> State? {
    isTyping = false
    guard states.count > 1 else { return nil }
    states.removeLast()
    return states.last
  }
}
