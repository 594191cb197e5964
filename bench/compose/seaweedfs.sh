#!/bin/sh
# What the image of SeaweedFS puts before the words of `server`.
shift
exec /opt/weed server -dir=/data -volume.max=0 -master.volumePreallocate -master.volumeSizeLimitMB=1024 "$@"
