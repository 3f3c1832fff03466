"""COCO's files: what stands in them, read strictly and without holding them whole."""
