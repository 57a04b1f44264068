export { type Told, toldBy } from 'beamish/testing';
