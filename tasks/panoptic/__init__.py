"""COCO's panoptic format: a list of segments per image (JSON), and the image of their ids (PNG)."""
