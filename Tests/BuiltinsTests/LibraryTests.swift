import Builtins
import Testing
import Vocabulary

/// Guards over the one list of builtins.
@Suite struct LibraryTests {
  let library = StandardLibrary.library

  @Test func namesAreUniqueAndCanBeTyped() {
    #expect(Set(library.names).count == library.names.count)
    for name in library.names + Array(library.constants.keys) {
      #expect(
        name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }, "\(name)")
      #expect(name.first?.isLetter == true)
    }
    #expect(Set(library.names).isDisjoint(with: library.constants.keys))
  }

  @Test func everyBuiltinExplainsItself() {
    for builtin in library.all {
      #expect(builtin.summary.hasSuffix("."), "\(builtin.name)")
      #expect(builtin.summary.first?.isUppercase != false || builtin.summary.first == "−")
      #expect(!builtin.examples.isEmpty, "\(builtin.name) has no example")
      for parameter in builtin.signature.parameters {
        #expect(!parameter.summary.isEmpty, "\(builtin.name) \(parameter.name)")
        #expect(!parameter.summary.hasSuffix("."), "\(builtin.name) \(parameter.name)")
      }
      let names = builtin.signature.parameters.map(\.name)
      #expect(Set(names).count == names.count, "\(builtin.name)")
    }
  }

  @Test func whatIsMentionedExists() {
    for builtin in library.all {
      for name in builtin.seeAlso {
        #expect(library[name] != nil, "\(builtin.name) mentions \(name)")
        #expect(name != builtin.name)
      }
    }
  }

  @Test(arguments: [
    (
      Family.make,
      "zeros ones eye diag rand randn randint linspace reshape repeat hcat vcat float32 float64 list"
    ),
    (.ask, "size rows cols length nnz type rank cond norm trace det all any isnan find names"),
    (
      .reduce,
      "sum prod mean std var median min max argmin argmax cumsum sort unique quantile cov corr"
    ),
    (
      .map,
      "mod exp log sqrt abs sign floor ceil round sin cos tan tanh sigmoid relu softmax clamp pow where"
    ),
    (.decompose, "inv solve lu qr chol eig svd pca pinv lstsq"),
  ])
  func familiesAreComplete(_ family: Family, _ names: String) {
    for name in names.split(separator: " ") {
      #expect(library[String(name)]?.family == family, "\(name)")
    }
  }

  /// What the manual says can be read where only ASCII is shown: all its signs have words.
  @Test(arguments: StandardLibrary.library.all.map(\.name))
  func theSignsOfTheManualHaveWords(_ name: String) throws {
    let builtin = try #require(StandardLibrary.library.all.first { $0.name == name })
    let said =
      [builtin.summary, builtin.shapes, builtin.math]
      + builtin.signature.parameters.map(\.summary)
    let plain = Plainer.strict(
      said.joined(separator: " "), Drawing(color: .none, unicode: false))
    #expect(!plain.contains("?"), "\(plain)")
  }
}
