-- Nothing looks transfers up by person: findUsage is answered from the cache.
DROP INDEX transfer_subject;
