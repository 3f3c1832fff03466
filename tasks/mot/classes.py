"""MOTChallenge's classes."""

CLASSES = {
    "pedestrian": 1, "person_on_vehicle": 2, "car": 3, "bicycle": 4, "motorbike": 5, "non_mot_vehicle": 6,
    "static_person": 7, "distractor": 8, "occluder": 9, "occluder_on_ground": 10, "occluder_full": 11,
    "reflection": 12, "crowd": 13,
}  # fmt: skip
"""Their numbers by name. Source: Milan et al., MOT16 (2016), table 5, and the devkit's `ID2name`."""
NAMES = {number: name for name, number in CLASSES.items()}
JUDGED = CLASSES["pedestrian"]
