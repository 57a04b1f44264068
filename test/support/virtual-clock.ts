export { VirtualClock } from 'beamish/testing';
