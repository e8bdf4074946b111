import Matrices
import Testing

/// Chance that can be repeated.
@Suite struct RandomTests {
  /// The known answers that the authors of Philox publish with their library.
  @Test func equalsThePublishedAnswers() {
    #expect(
      Random.philox(counter: .zero, key: .zero)
        == SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
    #expect(
      Random.philox(counter: SIMD4(repeating: .max), key: SIMD2(repeating: .max))
        == SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
    #expect(
      Random.philox(
        counter: SIMD4(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344),
        key: SIMD2(0xA409_3822, 0x299F_31D0))
        == SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
    var random = Random(seed: 0)
    #expect(random.next() == 0x6627_E8D5_E169_C58D)
  }

  @Test func aMatrixHoldsTheSameNumbersInBothPrecisions() {
    var (a, b) = (Random(seed: 11), Random(seed: 11))
    let (wide, narrow) = (a.normal(33, 7), b.normal(33, 7, .single))
    #expect(wide.converted(to: .single).isIdentical(to: narrow))
    #expect(a == b)
  }

  @Test func fillingGoesOnWhereItStopped() {
    var (a, b) = (Random(seed: 2), Random(seed: 2))
    let whole = a.uniform(1, 12)
    let parts = Matrix.besides([b.uniform(1, 4), b.uniform(1, 8)])
    #expect(whole.isIdentical(to: parts) && a == b)
    let other = Random(seed: 2).split(1)
    var (one, two) = (other, Random(seed: 2).split(2))
    #expect(one.next() != two.next())
  }

  @Test func momentsAreThoseOfTheDistribution() {
    var random = Random(seed: 1)
    let uniform = random.uniform(400, 500)
    #expect(abs(uniform.total(.mean) - 0.5) < 0.003 && abs(uniform.variance - 1.0 / 12) < 0.001)
    #expect(uniform.total(.minimum) >= 0 && uniform.total(.maximum) < 1)
    let normal = random.normal(400, 500)
    #expect(abs(normal.total(.mean)) < 0.01 && abs(normal.variance - 1) < 0.01)
    #expect(normal.firstNonFinite == nil && abs(normal.mapped(.square).variance - 2) < 0.1)
  }

  @Test func wholeNumbersAreEvenAndInRange() throws {
    var random = Random(seed: 8)
    let dice = random.whole(in: 1...6, 1, 60_000).elements
    for face in 1...6 {
      #expect(abs(dice.count { $0 == Double(face) } - 10_000) < 400)
    }
    #expect(Set(random.permutation(100)) == Set(0..<100))
    var (first, second) = (random, random)
    #expect(try first.longPermutation(100_000) == second.permutation(100_000))
    #expect(random.permutation(0).isEmpty && random.permutation(1) == [0])
  }
}
