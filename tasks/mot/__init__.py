"""MOTChallenge's text files of tracks."""
