import Figures
import Training
import Vocabulary

/// What the view asks of the run.
package enum ViewCommand: Equatable, Sendable {
  /// End after this step and keep the result.
  case stop
  case pause(Bool)
  /// One step of a paused run.
  case step
  /// Close the view, go on with the run.
  case leave
  /// Draw everything again.
  case redraw
}

/// The live view as state: what is known of the run and what the person chose to see. Keys change
/// it, `draw` shows it; it knows neither a terminal nor a clock.
package struct LiveViewModel: Sendable {
  /// The parts of the view, in the order of Tab; each can have the screen for itself.
  package enum Pane: Int, CaseIterable, Sendable {
    case curve = 1
    case picture, numbers
  }

  package var run = RunState()
  /// Seconds since the start, pauses excluded.
  package var elapsed = 0.0
  /// The pane that has the screen for itself; all of them when `nil`.
  package private(set) var focus: Pane?
  package private(set) var isLogarithmic = false
  /// Whether the curve shows the last steps only.
  package private(set) var showsRecent = false
  package private(set) var showsHelp = false
  package private(set) var isPaused = false
  package private(set) var isStopping = false
  /// One colour scale for all tiles.
  package private(set) var sharesScale = false
  /// The curve shown: the objective, or a metric.
  package private(set) var curve = 0
  /// The first tile shown.
  package private(set) var firstTile = 0
  /// How many tiles the last drawing showed: how far a page turns.
  package internal(set) var shownTiles = 0

  package init() {}

  /// What a key means. Unknown keys mean nothing.
  package mutating func press(_ key: Key) -> ViewCommand? {
    if showsHelp, key != .letter("q"), key != .letter("s") {
      showsHelp = false
      return nil
    }
    switch key {
    case .letter("q"), .letter("s"):
      isStopping = true
      showsHelp = false
      return .stop
    case .letter(" "):
      isPaused.toggle()
      return .pause(isPaused)
    case .letter("n"):
      // The first press of a running run pauses it.
      if !isPaused {
        isPaused = true
        return .pause(true)
      }
      return .step
    case .letter("v"), .escape: return .leave
    case .letter("l"): isLogarithmic.toggle()
    case .letter("r"): showsRecent.toggle()
    case .letter("f"): sharesScale.toggle()
    case .letter("m"): curve = (curve + 1) % (1 + run.metrics.count)
    case .letter("?"), .letter("h"): showsHelp = true
    case .letter("0"): focus = nil
    case .letter("1"): focus = focus == .curve ? nil : .curve
    case .letter("2"): focus = focus == .picture ? nil : .picture
    case .letter("3"): focus = focus == .numbers ? nil : .numbers
    case .tab: focus = next(after: focus)
    case .backTab: focus = next(after: next(after: next(after: focus)))
    case .right, .down: turnPage(by: shownTiles)
    case .left, .up: turnPage(by: -shownTiles)
    case .letter("\u{0C}"): return .redraw
    case .letter, .other: break
    }
    return nil
  }

  /// Ctrl-C: as `s`.
  package mutating func interrupt() -> ViewCommand? { press(.letter("s")) }

  private func next(after pane: Pane?) -> Pane? {
    guard let pane else { return .curve }
    return Pane(rawValue: pane.rawValue + 1)
  }

  private mutating func turnPage(by count: Int) {
    guard let tiles = run.picture?.tiles.rows else { return }
    firstTile = min(max(0, firstTile + count), max(0, tiles - max(1, shownTiles)))
  }
}
