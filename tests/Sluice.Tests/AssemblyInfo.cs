// Fixtures whose tests mostly wait say that they run side by side. NUnit runs the others afterwards, one test after another: those that measure
// what the whole process shares (descriptors, threads, allocations, processor time), that assert how long something takes, that start processes, that
// block threads of the pool, or that need an address at once which they have just closed: a process that another test starts holds every descriptor
// until it runs its program.
[assembly: LevelOfParallelism(8)]
