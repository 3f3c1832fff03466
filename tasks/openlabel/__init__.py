"""OpenLABEL as Kognic writes it: scenes, streams, frames by timestamp, and the mapping between two sets of classes."""
