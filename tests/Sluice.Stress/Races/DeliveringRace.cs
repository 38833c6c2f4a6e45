using Sluice.Stress.Kit;

namespace Sluice.Stress.Races;

/// <summary>Two connections are relayed and nothing ends early: each byte arrives at the other end, and then the end of the stream. No error is allowed.</summary>
internal sealed class DeliveringRace : Race
{
    public override async Task RunAsync(Round round)
    {
        (Connection client, Connection inner) = await round.World.ConnectPairAsync();
        (Connection outer, Connection server) = await round.World.ConnectPairAsync();
        long count = round.Random.Next(300_000);
        Random[] chances = [round.Fork(), round.Fork(), round.Fork(), round.Fork()];
        await round.TogetherAsync(
            () => WriteAsync(round, client, chances[0], count, "The client writes"),
            () => WriteAsync(round, server, chances[1], count, "The server writes"),
            () => ReadAsync(round, client, chances[2], "The client reads"),
            () => ReadAsync(round, server, chances[3], "The server reads"),
            () => round.TryAsync(Allowed.None, () => inner.JoinAsync(outer), what: "The relay"));
        CheckAllArrived(round, client, server, "the client");
        CheckAllArrived(round, server, client, "the server");
        foreach (Connection connection in new[] { client, inner, outer, server })
        {
            await round.TryAsync(Allowed.None, () => connection.CloseAsync(), what: "A close");
        }
    }

    private static Task WriteAsync(Round round, Connection connection, Random random, long count, string what) => round.TryAsync(
        Allowed.None,
        async () =>
        {
            await Writes.ManyAsync(connection.Output, random, count);
            await connection.Output.CompleteAsync();
        },
        what: what);

    private static Task ReadAsync(Round round, Connection connection, Random random, string what) =>
        round.TryAsync(Allowed.None, () => Reads.ToEndAsync(connection.Input, random), what: what);

    private static void CheckAllArrived(Round round, Connection from, Connection to, string sender)
    {
        if (from.Output.TotalBytesWritten != to.Input.TotalBytesRead)
        {
            round.Fault($"Of {from.Output.TotalBytesWritten} bytes of {sender} {to.Input.TotalBytesRead} arrived.");
        }
    }
}
