import Matrices
import Vocabulary

extension StandardLibrary {
  /// Builtins that write values.
  static let printing: [Builtin] = [
    Builtin(
      "print", in: .look, "Writes its values with a space between, and ends the line.",
      Parameter<Rest>("values", "what to write; a matrix of several rows gets lines of its own"),
      shapes: "value → nothing", seeAlso: ["show", "format"],
      examples: [
        Example("print(\"loss\", 0.25)", prints: "loss 0.25"),
        Example("k = 3; print(\"rank {k}\")", prints: "rank 3"),
        Example("print([1, 20; 3, 4])", prints: "1  20\n3   4"),
      ],
      using: { (context: Context, parts: Rest) -> Value in
        context.output(printed(parts.values, context) + "\n")
        return .nothing
      }),
    Builtin(
      "show", in: .look, "Writes a value as the prompt shows it: at most a third of the screen.",
      Parameter<Value>("x", "any value"),
      shapes: "value → nothing", seeAlso: ["print"],
      examples: [
        Example("show(\"text\")", prints: "\"text\""),
        Example("show(zeros(2, 3))", prints: "0  0  0\n0  0  0"),
      ],
      using: { context, x -> Value in
        context.output(x.echo(width: context.width, height: context.height) + "\n")
        return .nothing
      }),
  ]

  /// The values in one line, parted by spaces; what takes several lines stands on lines of its own.
  private static func printed(_ values: [Value], _ context: Context) -> String {
    var text = ""
    for (place, value) in values.enumerated() {
      let shown = printed(value, isAlone: values.count == 1, context)
      if place > 0 {
        let isBlock = shown.contains("\n") || text.hasSuffix("\n")
        text += text.hasSuffix("\n") ? "" : isBlock && !value.isText ? "\n" : " "
      }
      text += shown
      if shown.contains("\n") && !value.isText && place < values.count - 1 { text += "\n" }
    }
    return text
  }

  private static func printed(_ value: Value, isAlone: Bool, _ context: Context) -> String {
    // Printing is asked for, so it may take a screen, not only a third of it.
    let height = 3 * max(context.height - 1, 1)
    switch value {
    case .matrix(let matrix) where isAlone || matrix.literal(width: context.width / 2) == nil:
      return value.echo(width: context.width, height: height)
    case .record where isAlone, .list where isAlone:
      return value.echo(width: context.width, height: height)
    case .object: return value.echo(width: context.width, height: height)
    case .nothing, .boolean, .number, .text, .matrix, .range, .list, .record, .function:
      return value.printed
    }
  }
}

extension Value {
  fileprivate var isText: Bool { if case .text = self { true } else { false } }
}
