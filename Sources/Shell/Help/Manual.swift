import Language
import Vocabulary

/// The reference manual as Markdown, put together from the declarations: what `mfs help --all`
/// prints and `Reference.md` holds.
package struct Manual {
  private let library: Library

  /// The manual of a library.
  package init(_ library: Library) { self.library = library }

  /// The whole manual.
  package var text: String {
    var lines = [
      "# Reference", "",
      "Everything that can be called, and the signs and words of the language. Written by",
      "`mfs help --all` from the declarations; `make reference` writes it again. At the prompt `?name`",
      "shows the same.", "",
    ]
    lines += families.map { "- [\($0.rawValue)](#family-\($0.rawValue)): \(names(in: $0))" }
    lines += [
      "- [operators](#operators) · [words](#words) · [constants](#constants) · "
        + "[commands of the prompt](#commands-of-the-prompt)"
    ]
    for family in families {
      lines += ["", "## Family \(family.rawValue)"]
      for builtin in library.all where builtin.family == family { lines += [""] + entry(builtin) }
    }
    lines += [""] + operators + [""] + words + [""] + constants + [""] + commands
    return lines.joined(separator: "\n") + "\n"
  }

  private var families: [Family] {
    Family.allCases.filter { family in library.all.contains { $0.family == family } }
  }

  private func names(in family: Family) -> String {
    library.all.filter { $0.family == family }.map { "[`\($0.name)`](#\($0.name.lowercased()))" }
      .joined(separator: " ")
  }

  // MARK: What can be called

  private func entry(_ builtin: Builtin) -> [String] {
    let page = HelpPage(builtin: builtin, width: 80, style: HelpStyle(.plain))
    var lines = ["### \(builtin.name)", "", builtin.summary, "", "```"]
    lines += page.signature.map { String($0.dropFirst(2)) } + ["```"]
    if !builtin.signature.parameters.isEmpty {
      lines += ["", "| parameter | |", "|---|---|"]
      lines += builtin.signature.parameters.map { parameter in
        let name = parameter.takesRest ? parameter.name + "…" : parameter.name
        return "| `\(name)` | \(cell(page.description(of: parameter))) |"
      }
    }
    if !builtin.shapes.isEmpty { lines += ["", "Shapes: \(plain(builtin.shapes))"] }
    if !builtin.math.isEmpty {
      lines += ["", "```"] + Paragraph.wrapped(builtin.math, width: 96, indent: 0) + ["```"]
    }
    if !builtin.examples.isEmpty {
      lines += ["", "```mfs"]
      for example in builtin.examples {
        lines += page.shown(example).map { String($0.dropFirst(2)) }
      }
      lines.append("```")
    }
    let related = builtin.seeAlso.map { "[`\($0)`](#\($0.lowercased()))" }
    if !related.isEmpty { lines += ["", "See also \(related.joined(separator: ", "))."] }
    return lines
  }

  /// A text in a table, where a bar would end the cell.
  private func cell(_ text: String) -> String { plain(text).replacing("|", with: "\\|") }

  /// A text in which nothing is markup by accident.
  private func plain(_ text: String) -> String {
    text.replacing("*", with: "\\*").replacing("_", with: "\\_").replacing("<", with: "&lt;")
  }

  // MARK: The language

  private var operators: [String] {
    var lines = [
      "## operators", "", "Those that bind weakest first.", "", "| signs | meaning |", "|---|---|",
    ]
    for (signs, meaning) in TokenTables.operators {
      let written = signs.map { "`\($0.replacing("|", with: "\\|"))`" }.joined(separator: " ")
      lines.append("| \(written) | \(meaning.replacing("|", with: "\\|")) |")
    }
    return lines + [
      "| `-x` `+x` `!x` | sign, not; bind tighter than products and weaker than powers |",
      "| `A'` `f(x)` `A[i, j]` `r.field` `r...` | transpose, call, index, field, spread |",
    ]
  }

  private var words: [String] {
    func list(_ words: [String]) -> String { words.map { "`\($0)`" }.joined(separator: " ") }
    return [
      "## words", "", "Control: \(list(TokenTables.controls)).",
      "Values: \(list(TokenTables.values)).",
      "Calls of the language itself: \(list(TokenTables.intrinsics)).",
    ]
  }

  private var constants: [String] {
    let names = library.constants.keys.sorted().map { name in
      "`\(name)` = \(library.constants[name]?.printed ?? "")"
    }
    return ["## constants", "", names.joined(separator: ", ")]
  }

  private var commands: [String] {
    ["## commands of the prompt", "", "| command | |", "|---|---|"]
      + Command.all.map { command in
        let takes = command.takes.isEmpty ? "" : " \(command.takes)"
        return "| `:\(command.name)\(takes)` | \(cell(command.summary)) |"
      }
  }
}
