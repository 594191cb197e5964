"""From joined renditions to a release folder: CMAF segments shared by DASH and HLS, encrypted and checked."""
