import Figures
import Vocabulary

/// A key that a person pressed.
package enum Key: Hashable, Sendable {
  case letter(Character)
  case tab, backTab, escape, left, right, up, down, other
}

/// Where a canvas becomes visible and keys come from. The terminal is one; tests use another.
package protocol Screen: AnyObject {
  var width: Int { get }
  var height: Int { get }
  /// What can be shown.
  var drawing: Drawing { get }
  /// The descriptor that becomes readable with a key; -1 when there is none.
  var inputDescriptor: Int32 { get }
  /// Whether the terminal still belongs to the view: not when a signal gave it back.
  var isUsable: Bool { get }
  /// Makes the canvas visible.
  func show(_ canvas: Canvas)
  /// The keys pressed since the last call; does not wait.
  func keys() -> [Key]
  /// Takes note of the terminal's new size.
  func resize()
  /// Draws everything again at the next `show`, whatever the terminal seems to show already.
  func invalidate()
  /// Gives the terminal back as it was, until `resume`.
  func suspend()
  func resume()
  /// Gives the terminal back for good.
  func close()
}
