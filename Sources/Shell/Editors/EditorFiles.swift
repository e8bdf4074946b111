import Language
import Vocabulary

/// The files that teach editors the language, made from the tables of the lexer and the library.
package enum EditorFiles {
  /// Paths inside `Editors`, and what stands there.
  package static func all(_ library: Library) -> [(path: String, text: String)] {
    let grammar = Grammar(library)
    return [
      ("vscode/package.json", package),
      ("vscode/language-configuration.json", configuration),
      ("vscode/syntaxes/mfs.tmLanguage.json", TextMateGrammar(grammar).text),
      ("vim/syntax/mfs.vim", VimSyntax(grammar).text),
      ("vim/ftdetect/mfs.vim", "autocmd BufRead,BufNewFile *.mfs setfiletype mfs\n"),
      ("vim/ftplugin/mfs.vim", plugin),
    ]
  }

  /// The words of the language by what they are.
  struct Grammar {
    let controls: [String]
    let values: [String]
    let functions: [String]
    let constants: [String]
    let signs: [String]

    init(_ library: Library) {
      controls = TokenTables.controls.sorted()
      values = TokenTables.values.sorted()
      functions = (library.names + TokenTables.intrinsics).sorted().withoutRepetition
      constants = library.constants.keys.sorted()
      // Brackets and separators look best without a colour of their own.
      let plain: Set = ["(", ")", "[", "]", "{", "}", ",", ";", "."]
      signs = TokenTables.signs.filter { !plain.contains($0) }
    }
  }

  private static let package = """
    {
      "name": "mfs",
      "displayName": "mfs",
      "description": "Syntax of mfs, a laboratory for factor models in a terminal.",
      "version": "\(Version.current)",
      "license": "Apache-2.0",
      "engines": { "vscode": "^1.60.0" },
      "categories": ["Programming Languages"],
      "contributes": {
        "languages": [
          {
            "id": "mfs",
            "aliases": ["mfs"],
            "extensions": [".mfs"],
            "firstLine": "^#!.*\\\\bmfs\\\\b",
            "configuration": "./language-configuration.json"
          }
        ],
        "grammars": [
          { "language": "mfs", "scopeName": "source.mfs", "path": "./syntaxes/mfs.tmLanguage.json" }
        ]
      }
    }

    """

  private static let configuration = """
    {
      "comments": { "lineComment": "#" },
      "brackets": [["(", ")"], ["[", "]"], ["{", "}"]],
      "autoClosingPairs": [["(", ")"], ["[", "]"], ["{", "}"], ["\\"", "\\""]],
      "surroundingPairs": [["(", ")"], ["[", "]"], ["{", "}"], ["\\"", "\\""]],
      "indentationRules": {
        "increaseIndentPattern": "^\\\\s*(if|elseif|else|for|while|try|catch|function)\\\\b(?!.*\\\\bend\\\\b)",
        "decreaseIndentPattern": "^\\\\s*(end|else|elseif|catch)\\\\b"
      },
      "folding": { "markers": { "start": "^\\\\s*# %%", "end": "^\\\\s*# %%" } }
    }

    """

  private static let plugin = """
    if exists("b:did_ftplugin")
      finish
    endif
    let b:did_ftplugin = 1
    setlocal commentstring=#\\ %s comments=:##,:# shiftwidth=2 softtabstop=2 expandtab
    if executable("mfs")
      setlocal formatprg=mfs\\ fmt\\ -
      setlocal makeprg=mfs\\ check\\ %
    endif

    """
}

extension Array where Element: Equatable {
  /// Without elements that equal the one before them.
  fileprivate var withoutRepetition: [Element] {
    reduce(into: []) { result, element in if result.last != element { result.append(element) } }
  }
}
