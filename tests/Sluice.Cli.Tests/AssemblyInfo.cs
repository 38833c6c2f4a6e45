// Both engines run at once, and two of their fixtures each: a test here mostly waits for another process.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(4)]
