"""KITTI object rows: one text file per data unit, in the directories of KITTI itself and of Encord Active."""
