"""Platt's calibration as scikit-learn fits it: reads scores and labels, one JSON object a line, and writes slope and offset of each.

The first line written has the version.
"""
import json
import sys

import numpy
import sklearn
from sklearn.calibration import _sigmoid_calibration

print(json.dumps({"version": sklearn.__version__}))
for line in sys.stdin:
    case = json.loads(line)
    slope, offset = _sigmoid_calibration(numpy.array(case["scores"], dtype=float), numpy.array(case["labels"]))
    print(json.dumps({"slope": slope, "offset": offset}))
