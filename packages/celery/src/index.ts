/** @beamish/celery: Celery's wire protocol, both ways. */
