using System.Buffers.Binary;
using System.Net;
using Sluice.Stress.Kit;

namespace Sluice.Stress.Races;

/// <summary>Datagrams are sent and received one by one and in batches, while the sockets are closed and receives are cancelled.</summary>
internal sealed class DatagramRace : Race
{
    private const int MaxLength = 2000;

    // Tcp stands for UDP here.
    public override IReadOnlyList<Wire> Wires { get; } = [Wire.Tcp, Wire.Unix];

    public override async Task RunAsync(Round round)
    {
        (DatagramSocket first, DatagramSocket second, EndPoint? to) = await OpenAsync(round.World);
        using var cancelling = new CancellationTokenSource();
        Random sending = round.Fork(), batching = round.Fork(), receiving = round.Fork(), closing = round.Fork();
        await round.TogetherAsync(
            () => SendAsync(round, first, to, sending),
            () => SendBatchAsync(round, first, to, batching),
            () => ReceiveAsync(round, second, receiving, cancelling.Token),
            () => CloseAsync(round, closing.Next(2) == 0 ? first : second, closing, cancelling));
        await round.TryAsync(Allowed.None, () => first.DisposeAsync(), what: "Closing one");
        await round.TryAsync(Allowed.None, () => second.DisposeAsync(), what: "Closing the other");
    }

    private static async Task<(DatagramSocket First, DatagramSocket Second, EndPoint? To)> OpenAsync(World world)
    {
        if (world.Wire == Wire.Unix)
        {
            (DatagramSocket first, DatagramSocket second) = world.Selector.Unix().CreateDatagramPair();
            return (first, second, null);
        }

        DatagramSocket receiver = await world.Selector.Udp().BindAsync("127.0.0.1");
        return (await world.Selector.Udp().BindAsync("127.0.0.1"), receiver, receiver.LocalEndPoint);
    }

    private static async Task SendAsync(Round round, DatagramSocket socket, EndPoint? to, Random random)
    {
        for (int i = 0; i < 50; i++)
        {
            ReadOnlyMemory<byte> datagram = Make(random);
            await round.TryAsync(
                Allowed.Closed | Allowed.Socket | Allowed.Busy, () => to is null ? socket.SendAsync(datagram) : socket.SendAsync(datagram, to), what: "Sending");
        }
    }

    private static async Task SendBatchAsync(Round round, DatagramSocket socket, EndPoint? to, Random random)
    {
        for (int i = 0; i < 10; i++)
        {
            OutgoingDatagram[] batch = [.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => new OutgoingDatagram(Make(random), to))];
            await round.TryAsync(Allowed.Closed | Allowed.Socket | Allowed.Busy, async () => await socket.SendBatchAsync(batch), what: "Sending a batch");
        }
    }

    private static async Task ReceiveAsync(Round round, DatagramSocket socket, Random random, CancellationToken cancellationToken)
    {
        var batch = new Datagram[8];
        byte[] buffer = new byte[MaxLength];
        bool goesOn = true;
        while (goesOn)
        {
            goesOn = false;
            await round.TryAsync(
                Allowed.Closed | Allowed.Canceled | Allowed.Socket,
                async () =>
                {
                    await ReceiveAsync(socket, random.Next(3), batch, buffer, cancellationToken);
                    goesOn = true;
                },
                cancellationToken,
                "Receiving");
        }
    }

    private static async Task ReceiveAsync(DatagramSocket socket, int how, Datagram[] batch, byte[] buffer, CancellationToken cancellationToken)
    {
        switch (how)
        {
            case 0:
                using (Datagram datagram = await socket.ReceiveAsync(cancellationToken))
                {
                    Check(datagram.Payload.Span);
                }

                break;
            case 1:
                Check(buffer.AsSpan(0, (await socket.ReceiveAsync(buffer, cancellationToken)).Count));
                break;
            default:
                int count = await socket.ReceiveBatchAsync(batch, cancellationToken);
                foreach (Datagram datagram in batch.Take(count))
                {
                    Check(datagram.Payload.Span);
                    datagram.Dispose();
                }

                break;
        }
    }

    private static async Task CloseAsync(Round round, DatagramSocket socket, Random random, CancellationTokenSource cancelling)
    {
        Thread.SpinWait(random.Next(200_000));
        if (random.Next(2) == 0)
        {
            await round.TryAsync(Allowed.None, cancelling.Cancel, "Cancelling");
        }

        await round.TryAsync(Allowed.None, () => socket.DisposeAsync(), what: "Closing");
        await Task.Delay(2);
        await round.TryAsync(Allowed.None, cancelling.Cancel, "Cancelling at last");
    }

    // Says itself what it is: how long, and where in the pattern it begins.
    private static byte[] Make(Random random)
    {
        byte[] datagram = new byte[random.Next(8, MaxLength)];
        int place = random.Next(60_000);
        BinaryPrimitives.WriteInt32LittleEndian(datagram, datagram.Length);
        BinaryPrimitives.WriteInt32LittleEndian(datagram.AsSpan(4), place);
        Pattern.At(place, datagram.Length - 8).Span.CopyTo(datagram.AsSpan(8));
        return datagram;
    }

    private static void Check(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < 8 || BinaryPrimitives.ReadInt32LittleEndian(datagram) != datagram.Length)
        {
            throw new WrongBytesException($"{datagram.Length} bytes are no datagram that was sent.");
        }

        Pattern.Check(datagram[8..], BinaryPrimitives.ReadInt32LittleEndian(datagram[4..]));
    }
}
