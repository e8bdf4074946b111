extension Explanation {
  /// Elements, fields and assignments to them.
  static let parts: [Explanation] = [
    Explanation(
      "E050", "positions count from 1",
      """
      The first element is A[1], the last A[end]. Counting from 1 is what papers on matrices do, \
      and a habit from elsewhere is always caught: A[0] is never an element.
      """, wrong: "A = [5, 6, 7]\nA[0]", right: "A = [5, 6, 7]\nA[1]"),
    Explanation(
      "E051", "positions from the back are counted with 'end'",
      """
      A[end] is the last element, A[end - 1] the one before.
      """, wrong: "A = [5, 6, 7]\nA[-1]", right: "A = [5, 6, 7]\nA[end]"),
    Explanation(
      "E052", "there are not so many elements",
      """
      A position beyond the end is an error rather than nothing.
      """, wrong: "A = [5, 6, 7]\nA[4]", right: "A = [5, 6, 7]\nA[3]"),
    Explanation(
      "E053", "a position is a whole number",
      """
      Divide and round first: A[floor(n / 2)].
      """, wrong: "A = [5, 6, 7]\nA[1.5]", right: "A = [5, 6, 7]\nA[floor(1.5)]"),
    Explanation(
      "E054", "a value that is no position",
      """
      Positions are numbers, ranges, lists of numbers, or a mask of truth values.
      """, wrong: "A = [5, 6, 7]\nA[\"first\"]", right: "A = [5, 6, 7]\nA[1]"),
    Explanation(
      "E055", "a mask of another size",
      """
      A mask has one truth value for every element it selects from.
      """, wrong: "A = [5, 6, 7]\nA[[1, 2] > 1]", right: "A = [5, 6, 7]\nA[A > 5]"),
    Explanation(
      "E056", "a matrix needs a row and a column",
      """
      A[i, :] is a row, A[:, j] a column, A[i, j] an element. One index alone is for vectors, \
      since what it should mean for a matrix differs from language to language.
      """, wrong: "A = [1, 2; 3, 4]\nA[1]", right: "A = [1, 2; 3, 4]\nA[1, :]"),
    Explanation(
      "E057", "too many indices",
      """
      Matrices have two dimensions, lists and texts one.
      """, wrong: "A = [1, 2; 3, 4]\nA[1, 1, 1]", right: "A = [1, 2; 3, 4]\nA[1, 1]"),
    Explanation(
      "E058", "there is no field of this name",
      """
      r["name"] asks for a field whose name is a text; keys(r) lists them.
      """, wrong: "r = {rank = 3}\nr[\"rnk\"]", right: "r = {rank = 3}\nr[\"rank\"]"),
    Explanation(
      "E059", "fields are asked for by name",
      """
      A record has names instead of positions; values(r) is the list of what is in it.
      """, wrong: "r = {rank = 3}\nr[1]", right: "r = {rank = 3}\nvalues(r)[1]"),
    Explanation(
      "E060", "a value without elements",
      """
      Matrices, ranges, lists, texts and records have parts; numbers and functions have none.
      """, wrong: "x = 5\nx[1]", right: "x = [5]\nx[1]"),
    Explanation(
      "E061", "the new values have another shape than the place",
      """
      A[rows, columns] = B takes a B of just that shape, or a number for all of it.
      """, wrong: "A = ones(3, 3)\nA[1, :] = [1, 2]", right: "A = ones(3, 3)\nA[1, :] = [1, 2, 3]"),
    Explanation(
      "E062", "as many values as places are needed",
      """
      A mask selects some number of places, which take one value each, or one number for all.
      """, wrong: "A = [1, 2, 3; 4, 5, 6]\nA[A > 2] = [1, 2]",
      right: "A = [1, 2, 3; 4, 5, 6]\nA[A > 2] = 0"),
    Explanation(
      "E063", "the elements of a matrix are numbers",
      """
      A list holds any values: x = {1, "two"}.
      """, wrong: "A = [1, 2]\nA[1] = \"one\"", right: "A = {1, 2}\nA[1] = \"one\""),
    Explanation(
      "E064", "this kind of value cannot be changed in part",
      """
      Texts, models and networks are made anew: take them apart and put them together.
      """, wrong: "t = \"abc\"\nt[1] = \"x\"", right: "t = \"abc\"\nt = \"x\" + t[2:end]"),
    Explanation(
      "E065", "nothing grows by being assigned to",
      """
      A position beyond the end is more often a mistake than a wish. Append with x += {new} to a \
      list, with [x, new] or [A; row] to a matrix.
      """, wrong: "x = {1}\nx[2] = 5", right: "x = {1}\nx += {5}"),
    Explanation(
      "E066", "a value without parts to assign to",
      """
      Only matrices, lists and records have parts that can be assigned to.
      """, wrong: "x = 5\nx[1] = 2", right: "x = [5]\nx[1] = 2"),
  ]
}
