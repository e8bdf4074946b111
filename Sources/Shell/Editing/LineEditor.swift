/// What a person did at the prompt.
package enum Reading: Sendable, Equatable {
  /// Input, complete as far as the editor could tell; several lines when it is a block.
  case text(String)
  /// Ctrl-C; whether nothing had been typed.
  case interrupted(wasEmpty: Bool)
  /// Ctrl-D, or the end of the input.
  case end
}

/// Where a person types. One implementation edits lines on a terminal, one only reads them.
package protocol LineEditor: AnyObject {
  /// Shows the prompt and waits for input.
  func read() -> Reading
  /// Adds an entry that the arrow keys bring back.
  func remember(_ entry: String)
}

/// What an editor asks the session about the text in front of it.
package struct EditorAssistant {
  /// Whether the text is the beginning of something longer.
  package var isUnfinished: (_ text: String) -> Bool
  /// What could follow the text before the cursor.
  package var complete: (_ before: String) -> Completions

  /// An assistant of two answers.
  package init(
    isUnfinished: @escaping (_ text: String) -> Bool,
    complete: @escaping (_ before: String) -> Completions
  ) {
    self.isUnfinished = isUnfinished
    self.complete = complete
  }
}

/// The prompts, of equal width.
package enum Prompt {
  /// Before new input.
  package static let first = "mfs> "
  /// Before a further line of it, where the editor shows lines one by one.
  package static let next = "...> "
}
