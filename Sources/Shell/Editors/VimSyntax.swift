/// The syntax file of Vim.
struct VimSyntax {
  private let grammar: EditorFiles.Grammar

  init(_ grammar: EditorFiles.Grammar) { self.grammar = grammar }

  var text: String {
    var lines = [
      "\" Vim syntax file. Language: mfs. Written by `mfs editors`.",
      "if exists(\"b:current_syntax\")", "  finish", "endif", "",
    ]
    lines += keywords("mfsControl", grammar.controls)
    lines += keywords("mfsValue", grammar.values + grammar.constants)
    lines += keywords("mfsFunction", grammar.functions)
    lines += [
      #"syntax match mfsField "\.\h\w*""#,
      #"syntax match mfsNumber "\<0[xX][0-9a-fA-F_]\+\>""#,
      #"syntax match mfsNumber "\<\d[0-9_]*\%(\.\d[0-9_]*\)\?\%([eE][+-]\?\d\+\)\?""#,
      "syntax match mfsOperator \"\(grammar.signs.map(Self.escaped).joined(separator: #"\|"#))\"",
      #"syntax match mfsEscape contained "\\\%(u{\x*}\|.\)""#,
      #"syntax region mfsHole contained matchgroup=mfsEscape start="{" end="}" oneline contains=TOP"#,
      #"syntax region mfsText start=+"+ end=+"+ oneline contains=mfsEscape,mfsHole"#,
      ##"syntax match mfsComment "#.*$" contains=@Spell"##,
      ###"syntax match mfsDocumentation "##.*$" contains=@Spell"###,
      #"syntax match mfsCell "^\s*#\s*%%.*$""#,
      "",
      "highlight default link mfsControl Keyword",
      "highlight default link mfsValue Constant",
      "highlight default link mfsFunction Function",
      "highlight default link mfsNumber Number",
      "highlight default link mfsOperator Operator",
      "highlight default link mfsEscape SpecialChar",
      "highlight default link mfsText String",
      "highlight default link mfsComment Comment",
      "highlight default link mfsDocumentation SpecialComment",
      "highlight default link mfsCell Title",
      "", "let b:current_syntax = \"mfs\"",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  /// `syntax keyword` with a few words a line.
  private func keywords(_ group: String, _ words: [String]) -> [String] {
    let head = "syntax keyword \(group)"
    var lines: [String] = []
    var line = head
    for word in words {
      if line.utf8.count + word.utf8.count > 90 {
        lines.append(line)
        line = head
      }
      line += " \(word)"
    }
    return lines + [line]
  }

  private static func escaped(_ sign: String) -> String {
    sign.map { #"\^$.*[]~/""#.contains($0) ? "\\\($0)" : String($0) }.joined()
  }
}
