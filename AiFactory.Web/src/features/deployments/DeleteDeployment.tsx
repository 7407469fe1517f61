import { useDeleteDeployment } from '../../api/deployments';
import type { Deployment } from '../../api/types';
import { ConfirmModal } from '../../components/ConfirmModal';

interface DeleteDeploymentProps {
  deployment: Deployment;
  opened: boolean;
  onClose: () => void;
  onDone?: () => void;
}

export function DeleteDeployment({ deployment: { name, project }, opened, onClose, onDone }: DeleteDeploymentProps) {
  const remove = useDeleteDeployment(project);
  return (
    <ConfirmModal
      opened={opened}
      onClose={onClose}
      title={`Delete ${name}?`}
      action="Delete deployment"
      mutation={remove}
      variables={name}
      onDone={onDone}
    >
      Clients that call <b>{name}</b> are refused from then on (404, or 403 where another project has a model of that name), and its workers free the memory. The model stays in the library. What other deployments send requests to, a rollout moves or a rule has judge is not deleted.
    </ConfirmModal>
  );
}
