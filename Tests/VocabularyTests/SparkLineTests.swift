import Matrices
import Testing
import Vocabulary

/// Curves and matrices as text in summaries.
@Suite struct SparkLineTests {
  @Test func aFallingCurveFalls() {
    #expect(SparkLine.text(of: [8, 7, 6, 5, 4, 3, 2, 1], width: 8) == "█▇▆▅▄▃▂▁")
    #expect(SparkLine.text(of: [8, 1], width: 8, unicode: false) == "#_")
  }

  @Test func aSingleSpikeAmongManyIsShown() {
    var values = [Double](repeating: 0, count: 10_000)
    values[4_321] = 1
    let line = SparkLine.text(of: values, width: 20)
    #expect(line.count == 20)
    #expect(line.filter { $0 == "█" }.count == 1)
  }

  @Test func gapsConstantsAndNothing() {
    #expect(SparkLine.text(of: [1, .nan, 3], width: 9) == "▁ █")
    #expect(SparkLine.text(of: [2, 2, 2], width: 9) == "▅▅▅")
    #expect(SparkLine.text(of: [], width: 9) == "")
    #expect(SparkLine.text(of: [.nan], width: 9) == "")
    #expect(SparkLine.text(of: [1], width: 0) == "")
  }

  @Test func ordersOfMagnitudeAreEvenSteps() {
    #expect(SparkLine.text(of: [1e4, 1e3, 1e2, 10], width: 4, logarithmic: true) == "█▆▃▁")
    #expect(SparkLine.text(of: [1, 0], width: 4, logarithmic: true) == "█▁")
  }

  @Test func shadesFollowTheNumbers() {
    #expect(Shading.text(of: Matrix([[0, 1], [2, 4]]), width: 9, height: 9) == [" ░", "▒█"])
    #expect(Shading.text(of: Matrix([[0, .nan]]), width: 9, height: 9) == [" ?"])
    #expect(Shading.text(of: .zeros(0, 3), width: 9, height: 9) == [])
    #expect(Shading.text(of: .ones(300, 200), width: 3, height: 2) == ["███", "███"])
  }
}
