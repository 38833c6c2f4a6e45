using System.Buffers.Binary;
using Sluice.Stress.Kit;

namespace Sluice.Stress.Races;

/// <summary>
/// Threads broadcast to a group and post to its members while members join, leave, write, close and are reset, and while some do not read. Each
/// sender's messages arrive whole and in order, and every message that is shared is released.
/// </summary>
internal sealed class BroadcastingRace : Race
{
    private const int Senders = 3;
    private const int HeaderLength = 9;

    public override async Task RunAsync(Round round)
    {
        var group = new ConnectionGroup();
        var outer = new ConnectionGroup();
        outer.Add(group);
        var pairs = new List<(Connection Client, Connection Server)>();
        for (int i = round.Random.Next(2, 5); i > 0; i--)
        {
            (Connection client, Connection server) = await round.World.ConnectPairAsync();
            server.OutboxOptions = new OutboxOptions { Capacity = round.Random.Next(1_000, 200_000), FullMode = (OutboxFullMode)round.Random.Next(3) };
            pairs.Add((client, server));
            group.Add(server);
        }

        using var shared = new OutgoingMessage(Message(sender: Senders, number: 0, length: round.Random.Next(40_000)));
        using var stop = new CancellationTokenSource();
        Random[] chances = [.. Enumerable.Range(0, (3 * pairs.Count) + Senders + 1).Select(_ => round.Fork())];
        Task reading = Task.WhenAll(pairs.Select((pair, i) => ReadAsync(round, pair.Client, chances[i], stop.Token)));
        await round.TogetherAsync([
            .. Enumerable.Range(0, Senders).Select(sender => (Func<Task>)(() => SendAsync(round, outer, pairs[sender % pairs.Count].Server, sender, shared, chances[^(sender + 1)]))),
            .. pairs.Select((pair, i) => (Func<Task>)(() => DisturbAsync(round, group, pair.Server, chances[pairs.Count + i]))),
        ]);
        foreach ((Connection client, Connection server) in pairs)
        {
            switch (round.Random.Next(3))
            {
                case 0:
                    await round.TryAsync(Allowed.None, () => server.CloseAsync(), what: "Closing a member");
                    break;
                case 1:
                    server.Abort();
                    break;
                default:
                    client.Abort();
                    break;
            }

            server.Abort();
        }

        await stop.CancelAsync();
        await round.TryAsync(Allowed.None, () => reading, what: "The readers");
        foreach ((Connection client, Connection server) in pairs)
        {
            client.Abort();
            Check(round, server);
        }

        if (outer.Count != 0)
        {
            round.Fault($"{outer.Count} members stayed after they were closed.");
        }

        // A send in progress of another thread may hold the last reference for a moment.
        for (int i = 0; shared.References > 1 && i < 500; i++)
        {
            await Task.Delay(10);
        }

        if (shared.References != 1)
        {
            round.Fault($"A message has {shared.References} references at the end.");
        }
    }

    private static async Task SendAsync(Round round, ConnectionGroup group, Connection one, int sender, OutgoingMessage shared, Random random)
    {
        using var canceling = new CancellationTokenSource();
        for (int number = 0; number < 60; number++)
        {
            byte[] message = Message((byte)sender, number, random.Next(8) == 0 ? random.Next(30_000) : random.Next(300));
            switch (random.Next(12))
            {
                case 0:
                    group.Broadcast(shared);
                    break;
                case 1:
                    // It takes an earlier place, and so has no order.
                    group.BroadcastLatest(sender, Message(Senders, number, random.Next(300)));
                    break;
                case 2:
                    Task posting = round.TryAsync(
                        Allowed.Closed | Allowed.Peer | Allowed.Canceled, () => PostIfItFitsAsync(one, message, canceling.Token), canceling.Token, "A post that waits");
                    if (random.Next(3) == 0)
                    {
                        await canceling.CancelAsync();
                    }

                    // Nothing else of this sender before it: they keep their order.
                    await Task.WhenAny(posting, Task.Delay(20));
                    await canceling.CancelAsync();
                    await posting;
                    return;
                case 3:
                    group.Broadcast(message, where: connection => !ReferenceEquals(connection, one));
                    break;
                default:
                    group.Broadcast(message, except: random.Next(2) == 0 ? one : null);
                    break;
            }

            Thread.SpinWait(random.Next(3_000));
        }
    }

    private static ValueTask PostIfItFitsAsync(Connection one, byte[] message, CancellationToken cancellationToken) =>
        message.Length > one.Outbox.Capacity ? ValueTask.CompletedTask : one.Outbox.PostAsync(message, cancellationToken);

    private static async Task DisturbAsync(Round round, ConnectionGroup group, Connection member, Random random)
    {
        for (int i = 0, number = 0; i < 20; i++)
        {
            Thread.SpinWait(random.Next(10_000));
            switch (random.Next(8))
            {
                case 0:
                    group.Remove(member);
                    break;
                case 1:
                    member.Abort();
                    return;
                case 2:
                    await round.TryAsync(Allowed.None, () => member.CloseAsync(), what: "A member's close");
                    return;
                case 3:
                    await round.TryAsync(Allowed.Closed | Allowed.Peer, () => member.Output.CompleteAsync(), what: "A member's completion");
                    return;
                case 4:
                    group.Add(member);
                    break;
                default:
                    byte[] message = Message(Senders + 1, number++, random.Next(6) == 0 ? random.Next(150_000) : random.Next(500));
                    await round.TryAsync(Allowed.Closed | Allowed.Peer, () => member.Output.WriteAsync(message), what: "A member's write");
                    break;
            }
        }
    }

    private static async Task ReadAsync(Round round, Connection client, Random random, CancellationToken stop)
    {
        await Task.Yield();
        int[] next = new int[Senders + 2];
        bool isSlow = random.Next(3) == 0;
        await round.TryAsync(
            Allowed.Closed | Allowed.Peer | Allowed.Canceled,
            async () =>
            {
                while (true)
                {
                    byte[] header;
                    try
                    {
                        header = await client.Input.ReadExactlyAsync(HeaderLength, stop);
                    }
                    catch (EndOfStreamException)
                    {
                        return;
                    }

                    int sender = header[0];
                    int number = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(1));
                    int length = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(5));
                    if (sender > Senders + 1 || (uint)length > 150_000 || (sender != Senders && number < next[sender]))
                    {
                        throw new WrongBytesException($"Message {number} of {sender}, {length} bytes, where {next[Math.Min(sender, Senders + 1)]} or a later one was due.");
                    }

                    next[sender] = sender == Senders ? 0 : number + 1;
                    byte[] body;
                    try
                    {
                        body = await client.Input.ReadExactlyAsync(length, stop);
                    }
                    catch (EndOfStreamException)
                    {
                        return;
                    }

                    if (body.AsSpan().ContainsAnyExcept((byte)(sender + number)))
                    {
                        throw new WrongBytesException($"Message {number} of {sender} has bytes of another one.");
                    }

                    if (isSlow && random.Next(10) == 0)
                    {
                        await Task.Delay(1, CancellationToken.None);
                    }
                }
            },
            stop,
            "Reading messages");
    }

    private static void Check(Round round, Connection server)
    {
        if (server.Outbox.QueuedMessages != 0 || server.Outbox.QueuedBytes != 0)
        {
            round.Fault($"{server.Outbox.QueuedMessages} messages, {server.Outbox.QueuedBytes} bytes wait on an aborted connection.");
        }
    }

    private static byte[] Message(int sender, int number, int length)
    {
        byte[] message = new byte[HeaderLength + length];
        message[0] = (byte)sender;
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(1), number);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(5), length);
        message.AsSpan(HeaderLength).Fill((byte)(sender + number));
        return message;
    }
}
