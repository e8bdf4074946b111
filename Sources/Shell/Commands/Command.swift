/// Something that is said to the prompt rather than to the language: it begins with a colon.
struct Command {
  enum Outcome { case stay, leave }

  let name: String
  /// What follows the name: `[word]`, or nothing.
  let takes: String
  /// One line for the overview.
  let summary: String
  let run: (Repl, String) -> Outcome

  init(
    _ name: String, takes: String = "", _ summary: String, run: @escaping (Repl, String) -> Outcome
  ) {
    self.name = name
    self.takes = takes
    self.summary = summary
    self.run = run
  }

  /// All of them: completion, help and the prompt know them from here.
  static var all: [Command] {
    [
      Command("help", takes: "[name]", "explains a name; alone, lists what there is") {
        repl, words in
        repl.show(repl.help.answer(words))
        return .stay
      },
      Command("vars", "lists the variables: kind, shape, bytes, and the input they come from") {
        repl, _ in
        repl.show(VariableTable(repl.variables, width: repl.width).text)
        return .stay
      },
      Command("history", takes: "[word]", "lists earlier inputs, or those that contain a word") {
        repl, word in
        repl.show(repl.pastInputs(containing: word))
        return .stay
      },
      Command("time", takes: "expression", "measures how long an expression takes") {
        repl, code in
        repl.measure(code)
        return .stay
      },
      Command("explain", takes: "code", "explains an error by its code: `:explain E021`") {
        repl, code in
        repl.explain(code)
        return .stay
      },
      Command("quit", "leaves; so does Ctrl-D") { _, _ in .leave },
    ]
  }
}
