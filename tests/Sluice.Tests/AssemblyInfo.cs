// Fixtures whose tests mostly wait, or compute in memory, say that they run side by side. NUnit runs the others afterwards, one test after another: those
// that measure what the whole process shares (descriptors, threads, allocations, processor time), that assert how soon something is done, that start
// processes, that block threads of the pool, or that need an address at once which they have just closed: a process that another test starts holds every
// descriptor until it runs its program. A single test of that kind has a fixture of its own: NUnit runs a [NonParallelizable] test of a fixture that runs
// side by side beside those of others.
[assembly: LevelOfParallelism(8)]
