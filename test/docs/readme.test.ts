import { checkPage } from './check-page.ts';

checkPage('README.md');
