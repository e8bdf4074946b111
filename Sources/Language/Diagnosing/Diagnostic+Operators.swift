import Matrices
import Vocabulary

/// What goes wrong between operands.
extension Diagnostic {
  static func operandWords(_ operation: Operator, _ a: Fault.Operand, _ b: Fault.Operand)
    -> (String, String?)
  {
    let sign = operation.rawValue
    switch (operation, a.known, b.known) {
    case (.add, .text, _), (.add, _, .text):
      let other: Fault.Operand = if case .text = a.known { b } else { a }
      return (
        "'+' joins two texts, or adds two numbers",
        "put the value into a hole: \"{\(other.range.text)}\""
      )
    case (.add, .list, _):
      return ("'+' joins two lists", "put the value into braces: {\(b.range.text)}")
    case (.add, _, .list):
      return ("'+' joins two lists", "put the value into braces: {\(a.range.text)}")
    case (.divide, _, .matrix):
      return (
        "'/' divides by a number",
        "write ./ to divide element by element, or A \\ b to solve A x = b"
      )
    case (.power, .matrix, .number):
      return ("a matrix power needs a whole number", "write .^ for powers element by element")
    case (.power, _, .matrix):
      return ("'^' needs a number as the power", "write .^ for powers element by element")
    case (.multiply, .text, .number), (.multiply, .number, .text):
      return (
        "'*' multiplies numbers and matrices",
        "write repeat(text, n) to repeat a text"
      )
    case (.equal, _, _), (.unequal, _, _):
      return ("'\(sign)' compares values of one kind", nil)
    case (.multiply, .function, _):
      return (
        "'*' multiplies numbers and matrices",
        "call the function: \(a.known.functionName ?? a.range.text)(…)"
      )
    case (.and, .text, .text):
      return ("'&' needs truth values on both sides", "texts are joined with '+'")
    case (.remainder, .text, _):
      let hole = percentHole(a, b)?.text ?? "\"{\(b.range.text):.2f}\""
      return ("'%' needs numbers or matrices on both sides", "put the value into a hole: \(hole)")
    case (.and, _, _), (.or, _, _):
      return ("'\(sign)' needs truth values on both sides", nil)
    case (.less, _, _), (.lessOrEqual, _, _), (.greater, _, _), (.greaterOrEqual, _, _):
      return ("'\(sign)' compares numbers or texts", nil)
    default:
      return ("'\(sign)' needs numbers or matrices on both sides", nil)
    }
  }

  /// What shapes an operator or a builtin needs, and what is wrong with those that it got.
  static func shapeWords(_ misfit: Misfit, of name: String) -> (String, String) {
    let (a, b) = (misfit.left, misfit.right)
    switch misfit.rule {
    case .inner:
      return ("the inner sizes of a matrix product must be equal", "\(a.columns) ≠ \(b.rows)")
    case .unequal:
      let sizes =
        a.rows != b.rows && a.columns != b.columns
        ? "\(a) ≠ \(b)"
        : a.rows != b.rows ? "\(a.rows) ≠ \(b.rows) rows" : "\(a.columns) ≠ \(b.columns) columns"
      return ("'\(name)' needs equal shapes, or a number on one side", sizes)
    case .broadcast:
      let sizes =
        a.rows != b.rows && a.rows != "1" && b.rows != "1"
        ? "\(a.rows) ≠ \(b.rows) rows" : "\(a.columns) ≠ \(b.columns) columns"
      return ("'\(name)' needs equal shapes, or a single row or column on one side", sizes)
    case .besides:
      if name == Operator.solve.rawValue {
        return ("'\\' needs equally many rows on both sides", "\(a.rows) ≠ \(b.rows)")
      }
      return ("blocks side by side need equally many rows", "\(a.rows) ≠ \(b.rows)")
    case .above:
      return ("rows of a matrix need equally many columns", "\(a.columns) ≠ \(b.columns)")
    case .square: return ("a square matrix is needed", "\(a)")
    case .reshape(let given, let wanted):
      return ("the number of elements must stay", "\(given) ≠ \(wanted)")
    }
  }

  static func fixWords(_ fix: Fault.Fix) -> String {
    let purpose = fix.wantedBy.map { ", the shape of \($0)" } ?? ""
    let result = "`\(fix.code)` is \(fix.shape)\(purpose)"
    switch fix.how {
    case .swap: return "swap the factors: \(result)"
    case .transpose: return "transpose: \(result)"
    case .untranspose: return "leave out the transpose: \(result)"
    case .elementwise: return "element by element: \(result)"
    case .broadcast: return "a dot repeats the single row or column: \(result)"
    }
  }
}
