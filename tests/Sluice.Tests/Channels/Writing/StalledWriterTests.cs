using System.Diagnostics;
using System.Net.Sockets;

namespace Sluice.Tests.Channels.Writing;

/// <summary>What a writer costs whose peer does not read. Measures the processor time of the process.</summary>
public sealed class StalledWriterTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task A_writer_whose_peer_does_not_read_is_suspended_at_the_mark_and_costs_nothing_while_it_waits([Values] bool autoFlush)
    {
        (StreamSocket socket, Socket peer) =
            await ConnectToPlainPeerAsync(options => options.SendBufferSize = 4096, listener => listener.ReceiveBufferSize = 4096);
        using Socket closing = peer;
        ByteWriteChannel output = socket.OpenWriteChannel(autoFlush);
        Flood flood = await Flood.UntilStalledAsync(output);

        // A spinning thread would use all of a core, in every window.
        double busy = 1;
        for (int window = 0; window < 20 && busy > 0.2; window++)
        {
            TimeSpan before = ProcessorTime.OfTests();
            var watch = Stopwatch.StartNew();
            await Task.Delay(500);
            busy = (ProcessorTime.OfTests() - before) / watch.Elapsed;
            TestContext.Out.WriteLine($"busy for {busy:P0} of the time");
        }

        Assert.That(flood.Writing.IsCompleted, Is.False);
        Assert.That(output.UnsentBytes, Is.InRange(ByteWriteChannel.HighWaterMark - 10_000, ByteWriteChannel.HighWaterMark));
        Assert.That(flood.Accepted, Is.LessThan(1_000_000));
        Assert.That(busy, Is.LessThanOrEqualTo(0.2));

        await flood.CancelAsync();
        await flood.Writing.OutcomeAsync();
    }
}
