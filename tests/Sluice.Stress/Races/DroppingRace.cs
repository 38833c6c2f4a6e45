using System.IO.Pipelines;
using Sluice.Stress.Kit;

namespace Sluice.Stress.Races;

/// <summary>
/// The user of each connection keeps no more than a channel or a view a direction, while the garbage collector runs: nothing is closed for want
/// of a reference before both directions are done.
/// </summary>
internal sealed class DroppingRace : Race
{
    public override async Task RunAsync(Round round)
    {
        int there = round.Random.Next(200_000), back = round.Random.Next(200_000);
        Func<Task>[] ends = await PrepareAsync(round, there, back);
        Task all = round.TogetherAsync(ends);
        ends = [];
        while (!all.IsCompleted)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.WhenAny(all, Task.Delay(1));
        }

        await all;
    }

    // What it returns has no connection in it.
    private static async Task<Func<Task>[]> PrepareAsync(Round round, int there, int back)
    {
        (Connection client, Connection server) = await round.World.ConnectPairAsync();
        return
        [
            Writer(round, client, there, "The client writes"), Reader(round, server, there, "The server reads"),
            Writer(round, server, back, "The server writes"), Reader(round, client, back, "The client reads"),
        ];
    }

    private static Func<Task> Writer(Round round, Connection connection, int count, string what)
    {
        Random random = round.Fork();
        switch (random.Next(3))
        {
            case 0:
                ByteWriteChannel output = connection.Output;
                return () => round.TryAsync(Allowed.None, () => WriteAsync(output, random, count), what: what);
            case 1:
                Stream stream = connection.Output.AsPipeWriter().AsStream();
                return () => round.TryAsync(Allowed.None, () => WriteAsync(stream, random, count), what: what);
            default:
                PipeWriter writer = connection.Output.AsPipeWriter();
                return () => round.TryAsync(Allowed.None, () => WriteAsync(writer, random, count), what: what);
        }
    }

    private static Func<Task> Reader(Round round, Connection connection, int count, string what)
    {
        Random random = round.Fork();
        Stream stream = random.Next(2) == 0 ? connection.Input.AsStream() : connection.Input.AsPipeReader().AsStream();
        return () => round.TryAsync(Allowed.None, () => ReadAsync(stream, random, count), what: what);
    }

    private static async Task WriteAsync(ByteWriteChannel output, Random random, int count)
    {
        for (int at = 0, length; at < count; at += length)
        {
            length = Math.Min(random.Next(1, 30_000), count - at);
            await output.WriteAsync(Pattern.At(at, length));
        }

        await output.CompleteAsync();
    }

    private static async Task WriteAsync(Stream stream, Random random, int count)
    {
        for (int at = 0, length; at < count; at += length)
        {
            length = Math.Min(random.Next(1, 30_000), count - at);
            await stream.WriteAsync(Pattern.At(at, length));
        }

        await stream.FlushAsync();
        await stream.DisposeAsync();
    }

    private static async Task WriteAsync(PipeWriter writer, Random random, int count)
    {
        for (int at = 0, length; at < count; at += length)
        {
            length = Math.Min(random.Next(1, 30_000), count - at);
            await writer.WriteAsync(Pattern.At(at, length));
        }

        await writer.CompleteAsync();
    }

    private static async Task ReadAsync(Stream stream, Random random, int count)
    {
        byte[] buffer = new byte[50_000];
        int at = 0, read;
        while ((read = await stream.ReadAsync(buffer.AsMemory(0, random.Next(1, buffer.Length)))) > 0)
        {
            Pattern.Check(buffer.AsSpan(0, read), at);
            at += read;
        }

        if (at != count)
        {
            throw new WrongBytesException($"{at} bytes came of {count}.");
        }
    }
}
