"""Airflow's Kubernetes executor with the race closed that marquee_airflow.executors describes, and a pod per queue."""

from pathlib import Path
from typing import Any

from airflow.providers.cncf.kubernetes.executors.kubernetes_executor import (
    KubernetesExecutor as AirflowKubernetesExecutor,
)

from marquee_airflow.executors import OneAtATime

TEMPLATE = "pod_template_file"  # as executor_config has it


class KubernetesExecutor(OneAtATime, AirflowKubernetesExecutor):
    """Tasks as pods. A queue has a template of its own beside the default one, `<queue>.yaml`, or gets the default.

    Airflow's own executor pays no heed to queues: an encode would get the memory of a task that sends a mail.
    """

    def execute_async(self, key: Any, command: Any, queue: str | None = None, executor_config: Any = None) -> None:
        """Hand a task to Kubernetes. A template that the task itself names goes before its queue's."""
        template = Path(self.kube_config.pod_template_file).with_name(f"{queue}.yaml")
        if queue and template.exists():
            executor_config = {TEMPLATE: str(template)} | (executor_config or {})
        super().execute_async(key, command, queue=queue, executor_config=executor_config)
