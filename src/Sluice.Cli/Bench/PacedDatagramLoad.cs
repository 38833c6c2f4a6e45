namespace Sluice.Cli.Bench;

/// <summary>
/// Sends datagrams on one socket at the times of a schedule, whether or not answers come. A latency counts from the time at which the datagram should have been
/// sent, as that of <see cref="PacedLoad"/>.
/// </summary>
internal sealed class PacedDatagramLoad(DatagramSocket socket, Messages messages, Schedule schedule, LoadTotals totals)
{
    private readonly DatagramsInFlight _inFlight = new(messages, totals);
    private readonly byte[] _sending = new byte[messages.Size];
    private readonly byte[] _receiving = new byte[messages.Size + 1];

    /// <summary>Runs until canceled.</summary>
    /// <exception cref="IOException">The server sent back something else, or its port is closed.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await BothWays.RunAsync(SendAsync, ReceiveAsync, cancellationToken);
        }
        finally
        {
            _inFlight.CountLost();
        }
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            for (int left = await schedule.WaitAsync(cancellationToken); left > 0; left--)
            {
                _inFlight.Next(_sending, schedule.NextDue());
                await socket.SendAsync(_sending, cancellationToken);
            }

            _inFlight.CountLost();
        }
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            DatagramReceiveResult received = await socket.ReceiveAsync(_receiving, cancellationToken);
            _inFlight.Take(_receiving.AsSpan(0, received.Count));
        }
    }
}
