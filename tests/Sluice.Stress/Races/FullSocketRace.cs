using Sluice.Stress.Kit;

namespace Sluice.Stress.Races;

/// <summary>
/// A file goes through a relay, past the library's memory, between sockets of little room: that a socket is full and that it has room again
/// come at the same time, on different threads.
/// </summary>
internal sealed class FullSocketRace : Race
{
    public override IReadOnlyList<Wire> Wires { get; } = [Wire.Tcp, Wire.Unix];

    public override async Task RunAsync(Round round)
    {
        (Connection client, Connection inner) = await round.World.ConnectPairAsync();
        (Connection outer, Connection server) = await round.World.ConnectPairAsync();
        foreach (Connection connection in (Connection[])[client, inner, outer, server])
        {
            connection.Socket.Options.SendBufferSize = 16 * 1024;
            connection.Socket.Options.ReceiveBufferSize = 64 * 1024;
        }

        int count = round.Random.Next(1_000_000);
        Random sending = round.Fork(), reading = round.Fork();
        await round.TogetherAsync(
            () => round.TryAsync(Allowed.None, () => SendAsync(client.Output, sending, count), what: "The sender"),
            () => round.TryAsync(Allowed.None, () => RelayAsync(inner.Input, outer.Output), what: "The relay"),
            () => round.TryAsync(Allowed.None, () => ReadAsync(server.Input, reading, count), what: "The reader"));
        foreach (Connection connection in (Connection[])[client, inner, outer, server])
        {
            connection.Abort();
        }
    }

    private static async Task SendAsync(ByteWriteChannel output, Random random, int count)
    {
        for (int at = 0, length; at < count; at += length)
        {
            // Away from the loop, which sends what is left when there is room.
            await Task.Yield();
            length = Math.Min(random.Next(1, 200_000), count - at);
            await Writes.SendFileAsync(output, at, length);
        }

        await output.CompleteAsync();
    }

    private static async Task RelayAsync(ByteReadChannel input, ByteWriteChannel output)
    {
        await input.CopyToAsync(output);
        await output.CompleteAsync();
    }

    private static async Task ReadAsync(ByteReadChannel input, Random random, int count)
    {
        byte[] buffer = new byte[100_000];
        int read;
        while ((read = await input.ReadAsync(buffer.AsMemory(0, random.Next(1, buffer.Length)))) > 0)
        {
            Pattern.Check(buffer.AsSpan(0, read), input.TotalBytesRead - read);
        }

        if (input.TotalBytesRead != count)
        {
            throw new WrongBytesException($"{input.TotalBytesRead} bytes came of {count}.");
        }
    }
}
