import { copying } from './copying';
import { desk } from './desk';
import { doorway } from './doorway';
import { notices } from './notices';
import { readOnlyBadge, readOnlyLine } from './reading';
import { running } from './running';
import { saving } from './saving';
import { sessions } from './sessions';

export default [desk, sessions, doorway, copying, readOnlyBadge, readOnlyLine, notices, saving, running];
