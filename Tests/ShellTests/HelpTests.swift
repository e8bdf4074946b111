import Matrices
import Shell
import Testing
import Vocabulary

/// What question marks answer.
@Suite struct HelpTests {
  private static let library = Library([
    Builtin(
      "nmf", in: .factorize, "Factors a matrix without negative entries into parts.",
      Parameter<Matrix>("X", "the data, a row a sample"),
      Parameter<String>("solver", "the update rule", default: "auto", choices: ["auto", "mu"]),
      Parameter<Double>("tolerance", "the run stops below", default: 1e-4, in: .atLeast(0)),
      shapes: "m×n → W m×k, H k×n", math: "min ‖X − WH‖², W, H ≥ 0", seeAlso: ["pca"],
      examples: [Example("nmf([1, 2])", prints: "1")]
    ) { x, _, _ in x },
    Builtin("pca", in: .decompose, "Directions of large variance.", Parameter<Matrix>("X", "")) {
      x in x
    },
  ])

  private func help(width: Int = 60) -> Help {
    Help(
      library: Self.library, variables: [("A", .matrix(.ones(2, 3)))],
      commands: [("vars", "lists the variables")], width: width)
  }

  @Test func aPageHoldsTheWholeDeclaration() {
    let expected = """
      nmf

        Factors a matrix without negative entries into parts.

      Call
        nmf(X, solver="auto", tolerance=0.0001)

      Parameters
        X          the data, a row a sample (matrix)
        solver     the update rule ("auto" or "mu", default
                   "auto")
        tolerance  the run stops below (number, ≥ 0, default
                   0.0001)

      Shapes
        m×n → W m×k, H k×n

      Mathematics
        min ‖X − WH‖², W, H ≥ 0

      Example
        mfs> nmf([1, 2])
        1

      See also
        pca

      """
    #expect(help().answer("nmf") == expected)
  }

  @Test func aLongCallIsBrokenBetweenParameters() {
    let lines = help(width: 40).answer("nmf").split(separator: "\n")
    #expect(lines.contains("  nmf(X, solver=\"auto\","))
    #expect(lines.contains("      tolerance=0.0001)"))
  }

  @Test func theOverviewListsFamiliesAndCommands() {
    let overview = help().answer("")
    #expect(overview.contains("factorize  nmf"))
    #expect(overview.contains(":vars"))
  }

  @Test func searchingRanksNamesFirst() {
    #expect(help().answer("? variance").contains("pca"))
    #expect(help().answer("? negative parts").hasPrefix("  nmf"))
    #expect(help().answer("? xylophone") == "nothing speaks of 'xylophone'\n")
  }

  @Test func otherTopics() {
    #expect(help().answer("A") == "  A is a 2×3 matrix\n")
    #expect(help().answer("factorize").hasPrefix("  nmf  Factors"))
    #expect(help().answer("nfm") == "no help about 'nfm': did you mean 'nmf'?\n")
  }
}

/// Sizes as people write them.
@Suite struct LimitTests {
  @Test func sizesHaveUnits() {
    #expect(Limits.bytes("2G") == 2 << 30)
    #expect(Limits.bytes("512MB") == 512 << 20)
    #expect(Limits.bytes("1.5GiB") == 3 << 29)
    #expect(Limits.bytes("4096") == 4096)
    #expect(Limits.bytes("10k") == 10240)
    for wrong in ["", "G", "2X", "-1G", "1e9", "0", "9999999T", "2 G"] {
      #expect(Limits.bytes(wrong) == nil)
    }
  }
}
