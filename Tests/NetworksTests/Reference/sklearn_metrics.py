"""Writes SklearnMetrics.swift: what scikit-learn says of two columns of classes that both sides
compute. python sklearn_metrics.py > SklearnMetrics.swift"""
import numpy as np
from sklearn import metrics

i = np.arange(60)
truth = (i * i + i // 7) % 5 + 1
# Class 5 is never predicted, class 6 never true.
guess = np.where(i % 3 == 0, (i * 7) % 4 + 1, np.minimum(truth, 4))
guess = np.where(i % 17 == 0, 6, guess)

print("import Matrices\n\n/// Numbers of scikit-learn: see sklearn_metrics.py.\nenum SklearnMetrics {")
print("  static let counts: Matrix = Matrix([")
for row in metrics.confusion_matrix(truth, guess): print("    [" + ", ".join(map(str, row)) + "],")
print("  ])\n  static let scores: [String: [String: [Double]]] = [")
for name, score in [("precision", metrics.precision_score), ("recall", metrics.recall_score), ("f1", metrics.f1_score)]:
    print(f'    "{name}": [')
    for average in ["macro", "micro", "weighted", None]:
        found = np.atleast_1d(score(truth, guess, average=average, zero_division=0))
        print(f'      "{average or "none"}": [' + ", ".join(repr(float(x)) for x in found) + "],")
    print("    ],")
print(f"  ]\n  static let accuracy: Double = {metrics.accuracy_score(truth, guess)!r}\n}}")
