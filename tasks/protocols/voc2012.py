"""Pascal VOC 2010 to 2012: average precision over all recalls."""

from tasks import voc

PROTOCOL = voc.protocol("voc2012", "Pascal VOC 2012", (), voc.area_under_curve)
