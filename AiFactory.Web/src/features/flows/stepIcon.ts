import type { Icon } from '@tabler/icons-react';
import {
  IconBolt,
  IconBox,
  IconFileSearch,
  IconFlag,
  IconGitBranch,
  IconLogin,
  IconQuote,
  IconRepeat,
  IconRobot,
  IconStack2,
  IconTransform,
  IconWorld,
} from '../../components/icons';

const icons: Record<string, Icon> = {
  input: IconLogin,
  prompt: IconQuote,
  model: IconBolt,
  retrieve: IconFileSearch,
  condition: IconGitBranch,
  map: IconStack2,
  loop: IconRepeat,
  http: IconWorld,
  transform: IconTransform,
  agent: IconRobot,
  output: IconFlag,
};

export function stepIcon(type: string): Icon {
  return icons[type] ?? IconBox;
}
