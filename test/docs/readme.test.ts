import { checkPages } from './check-page.ts';

checkPages(['README.md']);
