"""Quality metrics: what every prediction, annotation, data unit and image is like, beside whether it was found."""
