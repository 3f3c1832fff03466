"""Another evaluator, from JSON files to its numbers: python peers.py PACKAGE GROUND_TRUTH RESULTS KIND [REPEATS]

Prints one JSON document: the numbers, and the CPU seconds of evaluate + accumulate, once for each repeat.
"""

import contextlib
import importlib
import io
import json
import sys
import time


def main() -> int:
    """Evaluate, REPEATS times over what was loaded once; what the package prints is dropped."""
    package, truth_path, results_path, kind = sys.argv[1:5]
    repeats = int(sys.argv[5]) if len(sys.argv) > 5 else 1
    api = importlib.import_module(package)
    seconds = []
    with contextlib.redirect_stdout(io.StringIO()):
        truth = api.COCO(truth_path)
        results = truth.loadRes(results_path)
        for _ in range(repeats):
            evaluation = api.COCOeval(truth, results, kind)
            start = time.process_time()
            evaluation.evaluate()
            evaluation.accumulate()
            seconds.append(time.process_time() - start)
        evaluation.summarize()
    print(json.dumps({"numbers": [float(value) for value in evaluation.stats], "cpu_s": seconds}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
