export { SEED, type TestSystem, testSystem } from 'beamish/testing';
