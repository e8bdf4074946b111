import Testing
import Vocabulary

/// Letters for terminals that show ASCII alone.
@Suite struct PlainerTests {
  private let dumb = Drawing(color: .none, unicode: false)

  @Test func aTerminalWithLettersGetsThem() {
    #expect(Plainer.text("3×4 ≈ W · H", .plain) == "3×4 ≈ W · H")
  }

  @Test func shapesAndBarsBecomeLetters() {
    #expect(Plainer.text("20×10 ≈ W 20×3 · H 3×10", dumb) == "20x10 ~ W 20x3 . H 3x10")
    #expect(Plainer.text("error 0.5 █▅▁ 0.1", dumb) == "error 0.5 #=_ 0.1")
    #expect(Plainer.text("│░█│", dumb) == "|.#|")
  }

  @Test func comparisonsKeepTheirMeaning() {
    #expect(Plainer.text("rank ≥ 1, 7 ≠ 8, ± 0.1", dumb) == "rank >= 1, 7 != 8, +- 0.1")
  }

  @Test func columnsStayBelowEachOther() {
    #expect(Plainer.text("1.5  …  2.5", dumb) == "1.5  ~  2.5")
    #expect(Plainer.text("{1, 2, … 97 more}", dumb) == "{1, 2, ... 97 more}")
  }

  @Test func lettersOfOthersStayUnlessThereIsNoRoomForThem() {
    #expect(Plainer.text("é日", dumb) == "é日")
    #expect(Plainer.strict("é日", dumb) == "e??")
  }

  @Test func picturesHaveOneLetterACell() {
    #expect(Plainer.ascii("≥") == ">")
    #expect(Plainer.ascii("⣿") == ":")
    #expect(Plainer.ascii("日") == "?")
  }
}
