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
      Clients that call <b>{name}</b> get 404 from then on, and its workers free the memory. The model stays in the library. What other deployments send requests to, a rollout moves or a rule has judge is not deleted.
    </ConfirmModal>
  );
}
