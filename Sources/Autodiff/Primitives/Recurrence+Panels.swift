import Matrices

/// How the weights of the hidden state lie for the products of all moments.
extension Recurrence {
  /// Moments from which on it pays to lay weights out anew before them.
  private static let manyMoments = 8

  /// `U`, in panels where that helps: in memory for as many numbers.
  func panels(of hidden: Block, in memory: Block) -> Panels {
    guard times >= Self.manyMoments,
      Block.gainsByPanels(columns: hidden.columns, hidden.precision)
    else { return Panels(hidden) }
    let panels = Panels(rows: hidden.rows, columns: hidden.columns, in: memory)
    panels.lay(hidden)
    return panels
  }

  /// `Uᵀ`, laid out in memory for as many numbers.
  func turnedPanels(of hidden: Block, in memory: Block) -> Panels {
    let panels =
      Block.gainsByPanels(columns: hidden.rows, hidden.precision)
      ? Panels(rows: hidden.columns, columns: hidden.rows, in: memory) : Panels(memory)
    panels.layTransposed(hidden, columns: 0..<hidden.rows)
    return panels
  }
}
