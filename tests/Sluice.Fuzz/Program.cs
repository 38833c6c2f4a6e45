using SharpFuzz;
using Sluice.Fuzz;

Action<byte[]> target = args[0] switch
{
    "commands" => RespTargets.Commands,
    "replies" => RespTargets.Replies,
    "health" => HealthTargets.Request,
    var name => FuzzTargets.All[name],
};
Fuzzer.OutOfProcess.Run(stream =>
{
    using var input = new MemoryStream();
    stream.CopyTo(input);
    target(input.ToArray());
});
