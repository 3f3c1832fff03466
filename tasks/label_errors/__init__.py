"""Labels that look wrong in the light of one or several prediction sets."""
