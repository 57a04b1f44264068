export { generator, seededDecisions } from 'beamish/testing';
