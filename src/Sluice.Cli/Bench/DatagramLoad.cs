using System.Diagnostics;

namespace Sluice.Cli.Bench;

/// <summary>Keeps datagrams in flight on one socket.</summary>
internal sealed class DatagramLoad(DatagramSocket socket, Messages messages, int depth, LoadTotals totals)
{
    private static readonly TimeSpan s_check = TimeSpan.FromSeconds(0.1);

    private readonly DatagramsInFlight _inFlight = new(messages, totals);
    private readonly byte[] _sending = new byte[messages.Size];
    private readonly byte[] _receiving = new byte[messages.Size + 1];
    private long _checked = Stopwatch.GetTimestamp();

    /// <summary>Runs until canceled.</summary>
    /// <exception cref="IOException">The server sent back something else.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LoadAsync(cancellationToken);
        }
        finally
        {
            _inFlight.CountLost();
        }
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            while (_inFlight.Count < depth)
            {
                _inFlight.Next(_sending, Stopwatch.GetTimestamp());
                await socket.SendAsync(_sending, cancellationToken);
            }

            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(DatagramsInFlight.Patience);
            try
            {
                DatagramReceiveResult received = await socket.ReceiveAsync(_receiving, limit.Token);
                _inFlight.Take(_receiving.AsSpan(0, received.Count));

                // While others come back, no wait for one takes too long.
                if (Stopwatch.GetElapsedTime(_checked) >= s_check)
                {
                    CountLost();
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                CountLost();
            }
        }
    }

    private void CountLost()
    {
        _inFlight.CountLost();
        _checked = Stopwatch.GetTimestamp();
    }
}
