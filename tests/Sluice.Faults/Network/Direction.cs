using System.Diagnostics;

namespace Sluice.Faults.Network;

/// <summary>Carries packets from one end of a link to the other, and does to them what the fault says.</summary>
internal sealed class Direction(TunDevice from, TunDevice to, int seed, Func<(NetworkFault Fault, TimeSpan Elapsed)> state)
{
    // More than all connections of a campaign have under way, so that a busy machine loses no packets that the fault does not lose: TCP would wait longer and longer
    // between its attempts, above the socket timeout at last.
    private const int MaxQueued = TunDevice.QueueLength;

    // Two to three seconds of a slow link.
    private const int MaxQueuedAtRate = 1000;

    private static readonly TimeSpan s_held = TimeSpan.FromMilliseconds(5);

    private readonly Random _random = new(seed);
    private readonly PriorityQueue<byte[], long> _queue = new();
    private long _busyUntil;
    private long _overflows;

    /// <summary>Gets how many packets were dropped because too many were under way.</summary>
    public long Overflows => Interlocked.Read(ref _overflows);

    public void Run(CancellationToken cancellationToken)
    {
        var sender = new Thread(() => Send(cancellationToken)) { IsBackground = true };
        sender.Start();
        byte[] packet = new byte[65_536];
        while (!cancellationToken.IsCancellationRequested)
        {
            int length = from.Read(packet);
            if (length > 0)
            {
                Take(packet.AsSpan(0, length));
            }
        }

        sender.Join();
    }

    private void Take(Span<byte> packet)
    {
        (NetworkFault fault, TimeSpan elapsed) = state();
        bool isDown = elapsed >= fault.DownAt && elapsed < fault.DownAt + fault.DownFor;
        if (isDown || packet.Length > fault.MaxPacket || Happens(fault.Loss))
        {
            return;
        }

        if (Happens(fault.Resets) && TcpReset.For(packet) is { } reset)
        {
            from.Write(reset);
        }

        if (Happens(fault.Corruption))
        {
            // One bit: TCP's checksum finds it always, and not only nearly always.
            packet[_random.Next(packet.Length)] ^= (byte)(1 << _random.Next(8));
        }

        TimeSpan delay = fault.Delay + (fault.Jitter * _random.NextDouble()) + (Happens(fault.Reordering) ? s_held : TimeSpan.Zero);
        Queue(packet, delay, fault.Rate);
        if (Happens(fault.Duplication))
        {
            Queue(packet, delay, fault.Rate);
        }
    }

    private void Queue(ReadOnlySpan<byte> packet, TimeSpan delay, int rate)
    {
        long now = Stopwatch.GetTimestamp();
        if (rate > 0)
        {
            _busyUntil = Math.Max(_busyUntil, now) + (packet.Length * Stopwatch.Frequency / rate);
            now = _busyUntil;
        }

        lock (_queue)
        {
            if (_queue.Count < (rate > 0 ? MaxQueuedAtRate : MaxQueued))
            {
                _queue.Enqueue(packet.ToArray(), now + (long)(delay.TotalSeconds * Stopwatch.Frequency));
                Monitor.Pulse(_queue);
            }
            else
            {
                Interlocked.Increment(ref _overflows);
            }
        }
    }

    private void Send(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (Next() is { } packet)
            {
                to.Write(packet);
            }
        }
    }

    // The packet whose time has come; null if that is in more than a moment.
    private byte[]? Next()
    {
        lock (_queue)
        {
            if (_queue.TryPeek(out byte[]? packet, out long due))
            {
                TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
                if (left <= TimeSpan.Zero)
                {
                    _queue.Dequeue();
                    return packet;
                }

                Monitor.Wait(_queue, Math.Clamp((int)left.TotalMilliseconds, 1, 100));
                return null;
            }

            Monitor.Wait(_queue, 100);
            return null;
        }
    }

    private bool Happens(double share) => share > 0 && _random.NextDouble() < share;
}
