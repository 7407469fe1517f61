import { notifications } from '@mantine/notifications';
import { ApiError } from '../api/problem';

/** For what fails away from any form: `mutate(x, { onError: showFailure('It could not be started') })`. */
export function showFailure(title: string): (error: Error) => void {
  return (error) =>
    void notifications.show({ color: 'red', title, message: error instanceof ApiError ? (error.detail ?? error.title) : error.message });
}
