using SharpFuzz;
using Sluice.Fuzz;

Action<byte[]> target = FuzzTargets.All[args[0]];
Fuzzer.OutOfProcess.Run(stream =>
{
    using var input = new MemoryStream();
    stream.CopyTo(input);
    target(input.ToArray());
});
