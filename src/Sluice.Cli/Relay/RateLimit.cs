using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Relay;

/// <summary>Delays what is written so that it does not exceed a rate.</summary>
internal sealed class RateLimit(long bytesPerSecond, TimeProvider clock, IdleWatch idle)
{
    // When the bytes that were let through so far are sent at the rate.
    private long _freeAt = clock.GetTimestamp();

    /// <summary>Gets the most bytes to write at once, so that the rate is even: those of a 20th of a second.</summary>
    public int Chunk { get; } = (int)Math.Clamp(bytesPerSecond / 20, 1, 64 * 1024);

    /// <summary>Waits until so many bytes may be written.</summary>
    public async ValueTask WaitAsync(int count, CancellationToken cancellationToken)
    {
        long now = clock.GetTimestamp();
        long start = Math.Max(_freeAt, now);
        _freeAt = start + (long)((double)count / bytesPerSecond * clock.TimestampFrequency);
        if (start > now)
        {
            idle.HoldUntil(start);
            await Task.Delay(clock.GetElapsedTime(now, start), clock, cancellationToken);
        }
    }
}
