import Autodiff
import Matrices
import Training

/// What a running program may ask of its surroundings. One for every session; builtins receive it,
/// nothing below knows it.
package final class Context: @unchecked Sendable {
  /// Chance. Part of the session's state: a failed line gives back what it drew.
  package var random = Random(seed: Random.defaultSeed)
  /// Where `print` and `show` write: standard output, or a test.
  package var output: @Sendable (String) -> Void
  /// Where notes go: standard error, or a test. Programs do not read them.
  package var noteOutput: @Sendable (String) -> Void = { _ in }
  /// How many notes there were about a thing.
  private var noted: [String: Int] = [:]
  /// Writes a question and returns the line that answers it.
  package var ask: @Sendable (_ question: String) throws -> String
  /// The cells of the terminal, for displays that fit.
  package var width: Int
  package var height: Int
  /// How pictures may be drawn.
  package var drawing: Drawing
  /// The folder against which relative paths are read.
  package var directory: String
  /// What `args()` returns.
  package var arguments: [String]
  /// Makes the loop for a run: with observers and the way to stop. `view` is what the user asked
  /// for: `true`, `false`, or nothing said.
  package var trainingLoop: @Sendable (_ view: Bool?) -> TrainingLoop
  /// How many calls of functions written in the language are open.
  package var depth = 0
  /// What records the evaluation of a function whose gradient is being taken.
  package var tape: Tape?
  /// The tape of an earlier gradient, whose memory the next one uses.
  var idleTape: Tape?
  /// When `tic()` was last called.
  package var watch: ContinuousClock.Instant?

  package init(
    output: @escaping @Sendable (String) -> Void, width: Int = 80, height: Int = 24,
    drawing: Drawing = .plain, directory: String = ".", arguments: [String] = [],
    ask: @escaping @Sendable (_ question: String) throws -> String = { _ in
      throw Problem(.file, "asking needs a terminal")
    },
    trainingLoop: @escaping @Sendable (_ view: Bool?) -> TrainingLoop = { _ in TrainingLoop() }
  ) {
    self.output = output
    self.ask = ask
    self.width = width
    self.height = height
    self.drawing = drawing
    self.directory = directory
    self.arguments = arguments
    self.trainingLoop = trainingLoop
  }

  /// A generator for one builtin that takes `seed=`: its own when a seed is given, else the next
  /// of the session's. Returns the seed too, which results show.
  package func generator(seed: Int?) -> (random: Random, seed: Int) {
    if let seed { return (Random(seed: UInt64(bitPattern: Int64(seed))), seed) }
    let drawn = Int(random.next() >> 33)
    return (Random(seed: UInt64(drawn)), drawn)
  }

  /// Says what a result does not say by itself. Of the notes about one thing the first three are
  /// written: a loop need not say it a thousand times.
  package func note(_ text: String, about thing: String) {
    let count = noted[thing, default: 0] + 1
    noted[thing] = count
    guard count <= 3 else { return }
    noteOutput("note: \(text)\(count == 3 ? " (the last note of this kind)" : "")\n")
  }

  /// A path as the program means it: relative ones start at `directory`.
  package func path(_ text: String) -> String {
    text.hasPrefix("/") || directory == "." ? text : "\(directory)/\(text)"
  }
}

/// What the terminal can show. Without a terminal, or with `NO_COLOR`, or on a dumb one: `plain`.
package struct Drawing: Sendable, Equatable {
  package enum Color: Int, Sendable, Comparable {
    case none, eight, ansi256, truecolor
    package static func < (a: Color, b: Color) -> Bool { a.rawValue < b.rawValue }
  }

  package var color: Color
  /// Whether letters outside ASCII can be shown.
  package var unicode: Bool

  package static let plain = Drawing(color: .none, unicode: true)

  package init(color: Color, unicode: Bool) {
    self.color = color
    self.unicode = unicode
  }
}
