[assembly: Parallelizable(ParallelScope.Fixtures)]
// Most wait for proxies, more than they compute.
[assembly: LevelOfParallelism(3)]
