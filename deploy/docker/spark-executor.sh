#!/bin/sh
# A Spark executor in a pod that Spark's driver has made, in place of the entrypoint of Spark's own images (the contract
# between BasicExecutorFeatureStep and resource-managers/kubernetes/docker/.../entrypoint.sh, Spark 4.3).
# The driver gives the Java options as SPARK_JAVA_OPT_0, SPARK_JAVA_OPT_1, …, one to a variable.
set -eu
spark_home=$(python -c 'import importlib.util; print(importlib.util.find_spec("pyspark").submodule_search_locations[0])')
index=0
set --
while eval "option=\${SPARK_JAVA_OPT_$index:-}" && [ -n "$option" ]; do
    set -- "$@" "$option"
    index=$((index + 1))
done
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" "$@" \
    -Xms"$SPARK_EXECUTOR_MEMORY" -Xmx"$SPARK_EXECUTOR_MEMORY" -cp "${SPARK_CONF_DIR:+$SPARK_CONF_DIR:}$spark_home/jars/*" \
    org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend \
    --driver-url "$SPARK_DRIVER_URL" --executor-id "$SPARK_EXECUTOR_ID" --cores "$SPARK_EXECUTOR_CORES" \
    --app-id "$SPARK_APPLICATION_ID" --hostname "$SPARK_EXECUTOR_POD_IP" \
    --resourceProfileId "$SPARK_RESOURCE_PROFILE_ID" --podName "$SPARK_EXECUTOR_POD_NAME"
